// @ts-check
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)
/** Where Go's own installer puts it, which is not in everybody's PATH. */
const GO = '/usr/local/go/bin'
/** Where CNI's plugins are: Debian's, and those of others. */
export const CNI = '/usr/lib/cni'

/** Of the environment, what programs of a cluster get: no proxy stands between them. */
export function environment() {
  const { HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, http_proxy, https_proxy, all_proxy, ...rest } = process.env
  return { ...rest, PATH: `/usr/local/sbin:/usr/sbin:/sbin:${rest['PATH'] ?? '/usr/bin:/bin'}` }
}

/** As {@link environment}, for the commands of Go, which fetch modules: proxies stay. */
export function goEnvironment() {
  const path = `${process.env['PATH'] ?? '/usr/bin:/bin'}:${GO}`
  return { ...process.env, PATH: path, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' }
}

/**
 * Runs a command to its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string>} what it printed
 * @throws with what it said on stderr
 */
export async function run(command, args, options = {}) {
  try {
    const { stdout } = await execute(command, [...args], {
      env: environment(),
      maxBuffer: 64 << 20,
      ...options,
    })
    return stdout
  } catch (error) {
    const { stderr = '', message } = /** @type {{ stderr?: string, message: string }} */ (error)
    const said = stderr.trim() === '' ? message : stderr.trim()
    throw new Error(`${command} ${args.slice(0, 4).join(' ')}: ${said}`, { cause: error })
  }
}

/**
 * As {@link run}; `undefined` where it fails.
 *
 * @param {string} command
 * @param {readonly string[]} args
 */
export async function attempt(command, args) {
  return run(command, args).catch(() => undefined)
}

/**
 * Which of these commands are not here.
 *
 * @param {readonly string[]} names
 */
export function missing(names, env = environment()) {
  return names.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`], { env }).status !== 0)
}
