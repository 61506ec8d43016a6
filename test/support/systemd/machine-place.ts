import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cgroup2Mount } from '../cgroup.js'
import { makeRoot, makeUsr } from './machine-root.js'

const TAKE_AWAY = fileURLToPath(new URL('take-away.mjs', import.meta.url))

/** What a machine is made of on this host: a folder, and a control group. It is taken away with this process, too. */
export class MachinePlace {
  /** With `root`, and `usr`, which is put over this host's. */
  readonly folder: string
  /** Of version 2; what the machine makes is below. */
  readonly group: string
  readonly #remover: ChildProcess

  /** @throws where no control groups of version 2 are mounted, or none can be made */
  constructor() {
    const mount = cgroup2Mount()
    if (mount === undefined) throw new Error('no control groups of version 2 are mounted here')
    this.folder = mkdtempSync(join(tmpdir(), 'hivetap-machine-'))
    this.group = join(mount, basename(this.folder))
    for (const path of [join(this.folder, 'root'), join(this.folder, 'usr'), this.group]) mkdirSync(path)
    // In a session of its own: what interrupts the tests does not reach it.
    this.#remover = spawn(process.execPath, [TAKE_AWAY, this.group, this.folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    makeRoot(join(this.folder, 'root'))
    makeUsr(join(this.folder, 'usr'))
  }

  /** Ends all that runs there, and takes it away. @throws if something is left */
  async remove(): Promise<void> {
    const over = once(this.#remover, 'exit')
    this.#remover.stdin?.end()
    const [status] = await over
    if (status !== 0) throw new Error(`something of ${this.folder} or ${this.group} is left`)
  }
}
