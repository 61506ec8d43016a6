import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startJava } from './java.js'

const STARTED = 'Kafka Server started'
const START_TIMEOUT_MS = 120_000

/** A process of a broker: started, and ended in each of the ways in which brokers end. */
export class KafkaNode {
  readonly #properties: string
  readonly #log: string
  #child: ChildProcess | undefined

  constructor(propertiesFile: string, logFile: string) {
    this.#properties = propertiesFile
    this.#log = logFile
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** The end of what it has said, since it was started for the first time. */
  get logTail(): string {
    return readFileSync(this.#log, 'utf8').slice(-4000)
  }

  /**
   * Starts it, and waits until it serves.
   *
   * @throws with the end of its log, if it ends before that
   */
  async start(javaOptions: readonly string[] = []): Promise<void> {
    const output = openSync(this.#log, 'a')
    const before = readFileSync(this.#log, 'utf8').split(STARTED).length
    try {
      this.#child = await startJava('kafka.Kafka', [this.#properties], output, javaOptions)
    } finally {
      closeSync(output)
    }
    const until = Date.now() + START_TIMEOUT_MS
    while (readFileSync(this.#log, 'utf8').split(STARTED).length === before) {
      if (!this.running || Date.now() > until) {
        await this.kill()
        throw new Error(`The broker of ${this.#properties} did not start:\n${this.logTail}`)
      }
      await sleep(50)
    }
  }

  /** Asks it to end, and waits for that. */
  async stop(): Promise<void> {
    await this.#signal('SIGTERM')
  }

  /** Ends it in the middle of whatever it does. */
  async kill(): Promise<void> {
    await this.#signal('SIGKILL')
  }

  /** Its connections stay, and nothing answers any more. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || !this.running) return
    const ended = once(child, 'exit')
    child.kill(signal)
    // A frozen one takes only SIGKILL.
    child.kill('SIGCONT')
    await ended
  }
}
