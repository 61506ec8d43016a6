import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endProcess } from './same-pid.js'

const SOURCE = fileURLToPath(new URL('./connector.c', import.meta.url))

/** A folder with the program of connector.c, which needs nothing beside it, and the processes that were started of it. */
export class ConnectorFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'hivetap-connector-'))
  readonly program = join(this.path, 'connector')
  readonly #started: ChildProcess[] = []

  constructor() {
    execFileSync('gcc', ['-O2', '-Wall', '-Werror', '-static', '-s', '-o', this.program, SOURCE], {
      stdio: 'inherit',
    })
  }

  /** A path within. */
  at(...names: readonly string[]): string {
    return join(this.path, ...names)
  }

  /** Puts a copy of the program there, in directories that are made too. */
  copyTo(...names: readonly string[]): string {
    const to = this.at(...names)
    mkdirSync(dirname(to), { recursive: true })
    copyFileSync(this.program, to)
    return to
  }

  /** Starts a command that becomes the program, or is it: it connects, and stays until it is let go. */
  start(command: string, ...args: readonly string[]): number {
    const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'inherit'] })
    this.#started.push(child)
    if (child.pid === undefined) throw new Error(`${command} could not be started`)
    return child.pid
  }

  /** Lets a process that was started end by itself. */
  async letGo(pid: number): Promise<void> {
    const child = this.#started.find((one) => one.pid === pid)
    if (child === undefined || child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.stdin?.end()
    await exited
  }

  async endAll(): Promise<void> {
    for (const child of this.#started.splice(0)) await endProcess(child)
  }

  close(): void {
    if (existsSync(this.path)) rmSync(this.path, { recursive: true })
  }
}
