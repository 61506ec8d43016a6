// @ts-check
/** Apache Flink for this machine: from PyPI and Maven Central, by their own clients, into a folder outside of the checkout. */
import { execFile, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const POM = fileURLToPath(new URL('pom.xml', import.meta.url))
const VERSION = '2.3.0'
/** Its distribution, in two halves; the rest of what they ask for is of no use here. */
const WHEELS = [`apache-flink==${VERSION}`, `apache-flink-libraries==${VERSION}`]
const FETCH_TIMEOUT_MS = 900_000

/** Why Flink cannot be had here, in a sentence; `undefined` where it can be. */
export function flinkBlockedBy() {
  if (!answers('java', ['-version']))
    return 'there is no java: install a Java 17 runtime (Debian: openjdk-17-jre-headless)'
  if (existsSync(flinkHome())) return undefined
  if (!answers('python3', ['-m', 'pip', '--version']))
    return 'there is no pip, and Flink was not installed before: install it (Debian: python3-pip)'
  if (!answers('mvn', ['-v']))
    return 'there is no mvn, and Flink was not installed before: install Maven (Debian: maven)'
  return undefined
}

/**
 * Where Flink is, or will be: below HIVETAP_FLINK_CACHE, else below the user's cache. The version is in the name, so that another
 * is another folder.
 */
export function flinkHome() {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return join(process.env['HIVETAP_FLINK_CACHE'] ?? join(cache, 'hivetap-flink'), `flink-${VERSION}`)
}

/**
 * Fetches Flink when it is not there: 330 MB. The folder appears whole or not at all, so that several may ask for it at once.
 *
 * @param {(line: string) => void} say told what it does
 * @returns {Promise<string>} Flink's home
 * @throws {Error} if Java, pip or Maven is missing, or one of them cannot fetch it
 */
export async function installFlink(say) {
  const blocked = flinkBlockedBy()
  if (blocked !== undefined) throw new Error(`Flink cannot run here: ${blocked}.`)
  const home = flinkHome()
  if (existsSync(home)) return home
  const parent = join(home, '..')
  mkdirSync(parent, { recursive: true })
  const making = mkdtempSync(join(parent, 'making-'))
  try {
    say(`fetching Flink ${VERSION} (330 MB) into ${parent}`)
    const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps']
    await fetch('python3', [...pip, '--dest', making, ...WHEELS])
    for (const wheel of readdirSync(making))
      await fetch('python3', ['-m', 'zipfile', '-e', join(making, wheel), join(making, 'wheels')])
    say('fetching its connector for Kafka')
    const goal = [
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${making}/jars`,
    ]
    await fetch('mvn', ['-q', '-B', '-f', POM, ...goal])
    const flink = join(making, 'wheels', 'pyflink')
    for (const jar of readdirSync(join(making, 'jars'))) {
      const folder = jar.startsWith('flink-sql-gateway') ? 'opt' : 'lib'
      copyFileSync(join(making, 'jars', jar), join(flink, folder, jar))
    }
    // Python's unzip forgets who may run what.
    for (const script of readdirSync(join(flink, 'bin'))) chmodSync(join(flink, 'bin', script), 0o755)
    renameSync(flink, home)
  } catch (error) {
    // Another run may have been faster.
    if (!existsSync(home)) throw error
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return home
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
async function fetch(command, args) {
  try {
    await execute(command, [...args], { timeout: FETCH_TIMEOUT_MS })
  } catch (error) {
    const { stdout = '', stderr = '' } = /** @type {{ stdout?: string, stderr?: string }} */ (error)
    throw new Error(`Flink could not be fetched: ${command} failed: ${`${stdout}${stderr}`.slice(-1000)}`, {
      cause: error,
    })
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function answers(command, args) {
  return spawnSync(command, [...args]).status === 0
}
