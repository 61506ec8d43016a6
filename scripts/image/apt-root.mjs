// @ts-check
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const call = promisify(execFile)

/**
 * apt with lists of its own, for one architecture, whichever the machine's own is: the sources and keys are the machine's,
 * and nothing of its state is touched.
 */
export class AptRoot {
  #folder = ''
  #config = ''
  #architecture

  /** @param {string} architecture as Debian calls it */
  constructor(architecture) {
    this.#architecture = architecture
  }

  /**
   * Reads what the machine's sources have.
   *
   * @throws if there is no apt here, or its sources cannot be reached
   */
  async open() {
    this.#folder = mkdtempSync(join(tmpdir(), 'hivetap-apt-'))
    for (const name of ['state/lists/partial', 'cache/archives/partial'])
      mkdirSync(join(this.#folder, name), { recursive: true })
    writeFileSync(join(this.#folder, 'status'), '')
    this.#config = join(this.#folder, 'apt.conf')
    writeFileSync(
      this.#config,
      [
        `APT::Architecture "${this.#architecture}";`,
        // The machine's own lists may name others, which are not asked.
        '#clear APT::Architectures;',
        `APT::Architectures { "${this.#architecture}"; };`,
        `Dir::State "${join(this.#folder, 'state')}";`,
        `Dir::State::status "${join(this.#folder, 'status')}";`,
        `Dir::Cache "${join(this.#folder, 'cache')}";`,
        'Acquire::Languages "none";',
        'APT::Sandbox::User "root";',
        '',
      ].join('\n'),
    )
    await this.#run('apt-get', ['update', '--error-on=any', '-qq'])
  }

  /**
   * The version of a package that would be installed.
   *
   * @param {string} name
   * @throws if there is none
   */
  async candidate(name) {
    const { stdout } = await this.#run('apt-cache', ['policy', name])
    const [, version] = /Candidate: (\S+)/.exec(stdout) ?? []
    if (version === undefined || version === '(none)')
      throw new Error(`apt knows no ${name} for ${this.#architecture}`)
    return version
  }

  /**
   * Puts a package into a folder. apt has checked it against the list that the archive's key signed.
   *
   * @param {string} name
   * @param {string} version
   * @param {string} folder
   */
  async download(name, version, folder) {
    await this.#run('apt-get', ['download', '-qq', `${name}=${version}`], folder)
  }

  close() {
    if (this.#folder !== '') rmSync(this.#folder, { recursive: true, force: true })
  }

  /**
   * @param {string} command
   * @param {readonly string[]} args
   * @param {string} [cwd]
   */
  async #run(command, args, cwd = this.#folder) {
    // The file is read last: what it says counts.
    return call(command, [...args], { cwd, env: { ...process.env, LC_ALL: 'C', APT_CONFIG: this.#config } })
  }
}
