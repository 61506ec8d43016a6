import type { AgentConfig, AgentLog, RunningAgent } from '../agent.js'
import { errorText } from '../log/error-text.js'
import { HEALTH_EVERY_MS, healthOf, statusLine } from './health.js'
import { HealthFile } from './health-file.js'
import { HealthSocket } from './health-socket.js'
import type { Notifier } from './notifier.js'

/** Tells how the agent does, each few seconds and when asked: to a file, a socket, the supervisor. */
export class HealthReports {
  readonly #config: Pick<AgentConfig, 'node' | 'health'>
  readonly #log: AgentLog
  readonly #notifier: Notifier
  readonly #file: HealthFile | undefined
  #socket: HealthSocket | undefined
  #agent: RunningAgent | undefined
  #failed = false
  readonly #timers: NodeJS.Timeout[] = []

  constructor(config: Pick<AgentConfig, 'node' | 'health'>, notifier: Notifier, log: AgentLog) {
    const { file } = config.health
    this.#config = config
    this.#log = log
    this.#notifier = notifier
    this.#file = file === undefined ? undefined : new HealthFile(file)
  }

  /** @throws if it can be told neither at the socket nor in the file: who asks for it relies on it */
  async open(): Promise<void> {
    const { socket } = this.#config.health
    await this.#file?.write(this.#health())
    if (socket !== undefined) this.#socket = await HealthSocket.open(socket, () => this.#health())
  }

  /** From now on it tells of a run. */
  start(agent: RunningAgent): void {
    this.#agent = agent
    this.#tell()
    this.#timers.push(setInterval(() => this.#tell(), HEALTH_EVERY_MS))
    const { watchdogMs } = this.#notifier
    if (watchdogMs !== undefined) this.#timers.push(setInterval(() => this.#watch(agent), watchdogMs))
    for (const timer of this.#timers) timer.unref()
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#socket?.close()
    await this.#file?.remove()
  }

  #health() {
    return healthOf(this.#config.node, this.#agent)
  }

  #tell(): void {
    if (this.#agent !== undefined) this.#notifier.status(statusLine(this.#agent))
    this.#file?.write(this.#health()).then(
      () => {
        this.#failed = false
      },
      (error: unknown) => {
        if (!this.#failed) this.#log.warn('the health cannot be written', { error: errorText(error) })
        this.#failed = true
      },
    )
  }

  /** A supervisor that hears nothing starts the agent anew: that is what it is for. */
  #watch(agent: RunningAgent): void {
    if (agent.isAlive()) this.#notifier.alive()
    else
      this.#log.error('nothing moves although something could: the supervisor is not told that all is well')
  }
}
