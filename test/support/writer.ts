import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { WriterCommand, WriterStatus } from './writer.mjs'

const PROGRAM = fileURLToPath(new URL('./writer.mjs', import.meta.url))

/** A process that writes to a descriptor as hivetap does: writer.mjs. */
export class Writer {
  readonly #child: ChildProcess

  /**
   * @param stdout what it writes to
   * @param prefix of the command line
   */
  constructor(stdout: number, prefix: readonly string[] = []) {
    const [command = process.execPath, ...args] = [...prefix, process.execPath, PROGRAM]
    this.#child = spawn(command, args, { stdio: ['ignore', stdout, 'inherit', 'ipc'] })
  }

  /** Tells it to do something; how it is then. No answer comes while its event loop is blocked. */
  async ask(command: WriterCommand): Promise<WriterStatus> {
    const answer = once(this.#child, 'message')
    this.#child.send(command)
    const [status] = (await answer) as [WriterStatus]
    return status
  }

  /** Asks how it is until a condition holds, doing something in between. */
  async until(
    condition: (status: WriterStatus) => boolean,
    meanwhile: () => void = () => {},
  ): Promise<WriterStatus> {
    for (;;) {
      meanwhile()
      const status = await this.ask({ op: 'status' })
      if (condition(status)) return status
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** The flags of the descriptor that it writes to, in octal: proc_pid_fdinfo(5). */
  flags(): string {
    return /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/${this.#child.pid}/fdinfo/1`, 'utf8'))?.[1] ?? ''
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }
}
