import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { installKafka, kafkaCache } from './install.js'

const execute = promisify(execFile)
const LOGGING = fileURLToPath(new URL('log4j2.properties', import.meta.url))

/** Options by which a virtual machine starts soon and stays small. */
async function options(heapMegabytes: number): Promise<string[]> {
  const jars = await installKafka()
  const archive = classArchive()
  return [
    `-Xmx${heapMegabytes}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:-UsePerfData',
    `-Dlog4j2.configurationFile=${LOGGING}`,
    ...(existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`, '-Xshare:auto', '-Xlog:cds=off'] : []),
    '-cp',
    jars.join(':'),
  ]
}

/** Classes of a broker as they lie in memory: starting from it takes half the time. Made by `prepareClassArchive`. */
export function classArchive(): string {
  return join(kafkaCache(), `classes-${process.arch}.jsa`)
}

/**
 * Runs one of Kafka's own tools to its end.
 *
 * @returns what it wrote to its standard output
 * @throws with what it wrote to its standard error
 */
export async function runJava(
  mainClass: string,
  args: readonly string[],
  timeoutMs = 120_000,
): Promise<string> {
  try {
    const { stdout } = await execute('java', [...(await options(192)), mainClass, ...args], {
      timeout: timeoutMs,
      maxBuffer: 1 << 28,
    })
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${mainClass} failed:\n${`${stdout}\n${stderr}`.slice(-4000)}`, { cause: error })
  }
}

/** Starts one of Kafka's programs; its output goes to the descriptor. It ends with this process, however that ends. */
export async function startJava(
  mainClass: string,
  args: readonly string[],
  output: number,
  extraOptions: readonly string[] = [],
): Promise<ChildProcess> {
  const java = ['java', ...(await options(256)), ...extraOptions, mainClass, ...args]
  const tied = existsSync('/usr/bin/setpriv') ? ['setpriv', '--pdeathsig', 'KILL', ...java] : java
  const [command = '', ...rest] = tied
  return spawn(command, rest, { stdio: ['ignore', output, output] })
}
