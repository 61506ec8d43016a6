import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wallTimeWithin } from './trial.js'

/** A user that nobody else here is: by it, programs of the test's own are told from others. */
export const USER = 54_321

/** A program that was run. */
export interface Ended {
  readonly pid: number
  /** From before it was started until after it had ended, by the test's own clock. */
  readonly tookUs: number
  /** Whether a process_start is its own. */
  readonly began: (value: unknown) => boolean
}

/** Runs programs as that user, in a directory of the test's own. */
export class Programs {
  readonly directory: string
  readonly #root: string

  constructor() {
    this.#root = mkdtempSync(join(realpathSync(tmpdir()), 'hivetap-programs-'))
    this.directory = join(this.#root, 'a directory', 'ä')
    mkdirSync(this.directory, { recursive: true })
    chmodSync(this.#root, 0o755)
  }

  /** Runs one until it ends, however it does. */
  async run(file: string, args: readonly string[], argv0 = file): Promise<Ended> {
    const [begin, from] = [process.hrtime.bigint(), Date.now()]
    const child: ChildProcess = spawn(file, args, {
      argv0,
      cwd: this.directory,
      uid: USER,
      gid: USER,
      stdio: 'ignore',
    })
    await once(child, 'exit')
    const tookUs = Number((process.hrtime.bigint() - begin) / 1000n)
    if (child.pid === undefined) throw new Error(`${file} was not started`)
    return { pid: child.pid, tookUs, began: wallTimeWithin(from, Date.now()) }
  }

  stop(): void {
    rmSync(this.#root, { recursive: true, force: true })
  }
}
