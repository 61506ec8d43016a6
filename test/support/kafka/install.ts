import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const POM = fileURLToPath(new URL('pom.xml', import.meta.url))
/** What pom.xml says; in the name of the folder, so that another version is another folder. */
const VERSION = '4.3.1'

/** Why no broker can be had here, in a sentence; `undefined` where one can be. */
export async function kafkaBlockedBy(): Promise<string | undefined> {
  if ((await answer('java', ['-version'])) === undefined)
    return 'There is no java: install a Java 17 runtime (Debian: openjdk-17-jre-headless).'
  if (existsSync(library()) || (await answer('mvn', ['-v'])) !== undefined) return undefined
  return 'There is no mvn, and Kafka was not installed before: install Maven (Debian: maven).'
}

/**
 * Kafka's jars, in the order of their names: fetched by Maven when they are not there. Kept in the user's cache, outside
 * of the checkout, in a folder that appears whole or not at all, so that several runs may ask for it at once.
 *
 * @throws if Java or Maven is missing, or Maven cannot fetch them
 */
export async function installKafka(): Promise<readonly string[]> {
  const blocked = await kafkaBlockedBy()
  if (blocked !== undefined) throw new Error(blocked)
  if (!existsSync(library())) await fetchJars()
  return readdirSync(library())
    .filter((name) => name.endsWith('.jar'))
    .sort()
    .map((name) => join(library(), name))
}

/** Where things of this version of Kafka are kept between runs. */
export function kafkaCache(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return join(cache, 'hivetap-tests', `kafka-${VERSION}`)
}

function library(): string {
  return join(kafkaCache(), 'lib')
}

async function fetchJars(): Promise<void> {
  mkdirSync(kafkaCache(), { recursive: true })
  const making = mkdtempSync(join(kafkaCache(), 'making-'))
  try {
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${making}/lib`]
    await run('mvn', ['-q', '-B', '-f', POM, ...goal], { timeout: 300_000 })
    renameSync(join(making, 'lib'), library())
  } catch (error) {
    // Another run may have been faster.
    if (!existsSync(library())) throw new Error('Maven could not fetch Kafka.', { cause: error })
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
}

async function answer(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(command, [...args])
    return stdout + stderr
  } catch {
    return undefined
  }
}
