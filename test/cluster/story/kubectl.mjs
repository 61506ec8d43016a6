// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** How long a call of the API may take, beyond what a command waits for by itself. */
const REQUEST_TIMEOUT = '60s'

/** kubectl, as the environment says: HIVETAP_KUBECTL, KUBECONFIG. No proxy is taken for a cluster of our own. */
export class Kubectl {
  #before

  /** @param {string} [namespace] */
  constructor(namespace) {
    this.#before = [
      `--request-timeout=${REQUEST_TIMEOUT}`,
      ...(namespace === undefined ? [] : ['-n', namespace]),
    ]
  }

  /**
   * Runs a command to its end.
   *
   * @param {readonly string[]} args
   * @param {string} [input]
   * @returns {Promise<string>} what it printed
   * @throws with what it said on stderr
   */
  async run(args, input) {
    const { stdout } = await this.both(args, input)
    return stdout
  }

  /**
   * As {@link run}, with what it said on stderr: warnings of the API.
   *
   * @param {readonly string[]} args
   * @param {string} [input]
   */
  async both(args, input = '') {
    const child = this.start(args)
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
    })
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`kubectl ${args.slice(0, 6).join(' ')}: ${stderr.trim()}`)
    return { stdout, stderr }
  }

  /**
   * Starts a command that the caller ends.
   *
   * @param {readonly string[]} args
   */
  start(args) {
    const command = process.env['HIVETAP_KUBECTL'] ?? 'kubectl'
    return spawn(command, [...this.#before, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  }

  /**
   * What a command prints as JSON.
   *
   * @template T
   * @param {readonly string[]} args
   * @returns {Promise<T>}
   */
  async json(args) {
    return JSON.parse(await this.run([...args, '-o', 'json']))
  }

  /**
   * @param {readonly object[]} objects
   * @returns {Promise<string>} warnings of the API
   */
  async apply(objects) {
    const list = { apiVersion: 'v1', kind: 'List', items: objects }
    return (await this.both(['apply', '-f', '-'], JSON.stringify(list))).stderr
  }
}
