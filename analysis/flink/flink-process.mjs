// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const STOP_TIMEOUT_MS = 15_000

/** One of Flink's programs as a process of ours: it ends with us, however we end. */
export class FlinkProcess {
  /** @type {import('node:child_process').ChildProcess} */
  #child
  /** @type {string} */
  #log

  /** @param {{ home: string, conf: string, name: string, log: string, args: readonly string[], javaOptions?: string }} options */
  constructor({ home, conf, name, log, args, javaOptions = '' }) {
    this.name = name
    this.#log = log
    const script = ['bash', join(home, 'bin', `${name}.sh`), ...args]
    // The scripts become the virtual machine, so that the process that is tied to us is the one that matters.
    const [command = '', ...rest] = existsSync('/usr/bin/setpriv')
      ? ['setpriv', '--pdeathsig', 'KILL', ...script]
      : script
    const output = openSync(log, 'w')
    try {
      this.#child = spawn(command, rest, {
        // A group of its own: Ctrl-C reaches us alone, and we end it in order.
        detached: true,
        stdio: ['ignore', output, output],
        env: { ...process.env, FLINK_CONF_DIR: conf, FLINK_HOME: home, JVM_ARGS: javaOptions },
      })
    } finally {
      closeSync(output)
    }
    // Told by `isRunning`.
    this.#child.on('error', () => {})
  }

  get pid() {
    return this.#child.pid ?? 0
  }

  get isRunning() {
    const { pid, exitCode, signalCode } = this.#child
    return pid !== undefined && exitCode === null && signalCode === null
  }

  /** All that it has said. */
  get log() {
    return readFileSync(this.#log, 'utf8')
  }

  /** The end of it. */
  get logTail() {
    return this.log.slice(-4000)
  }

  /** Asks it to end, and ends it if it does not. */
  async stop() {
    if (!this.isRunning) return
    const ended = once(this.#child, 'exit')
    this.#signal('SIGTERM')
    const timer = new AbortController()
    const late = sleep(STOP_TIMEOUT_MS, undefined, { signal: timer.signal }).then(
      () => this.#signal('SIGKILL'),
      () => {},
    )
    await ended
    timer.abort()
    await late
  }

  /** Ends it in the middle of whatever it does. */
  async kill() {
    if (!this.isRunning) return
    const ended = once(this.#child, 'exit')
    this.#signal('SIGKILL')
    await ended
  }

  /**
   * To its whole group: a script may not have become the virtual machine yet.
   *
   * @param {NodeJS.Signals} signal
   */
  #signal(signal) {
    try {
      if (this.pid > 0) process.kill(-this.pid, signal)
    } catch {
      // It is gone.
    }
  }
}
