import type { AgentConfig, AgentIo, RunAgent, RunningAgent } from '../agent.js'
import { errorText } from '../log/error-text.js'
import { type OpenLog, openLog } from '../log/open-log.js'
import { HealthReports } from './health-reports.js'
import { Notifier } from './notifier.js'
import { Reloader } from './reloader.js'
import { onSignals } from './signals.js'

/** What a service is made with. */
export interface ServiceOptions {
  /** Reads the configuration anew; absent where there is no file: then SIGHUP ends the run, as it ends any program. */
  readonly read?: () => Promise<AgentConfig>
  readonly run: RunAgent
  /** An error that ends it, with what is known of it. */
  readonly describe?: (error: unknown) => string
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** How long after it was to end at once, or within its time, a run that does not is ended by force. */
const GRACE_MS = 3000

/**
 * Runs an agent as a service: its log, signals, the supervisor, its health.
 *
 * @returns whether it ended because it was asked to; else why it did not stands in the log
 */
export async function serve(config: AgentConfig, options: ServiceOptions): Promise<boolean> {
  const { read, run, env = process.env, describe = errorText } = options
  const log = openLog(config.log, { env })
  const notifier = new Notifier(env, log)
  const health = new HealthReports(config, notifier, log)
  const ends = new Ends(log, notifier, config.shutdownTimeoutMs)
  const reloads = read === undefined ? undefined : reloadsOf(config, read, { log, notifier, ends })
  const release = onSignals({
    stop: (signal) => ends.stop(signal),
    abandon: () => ends.abandon(),
    reload: () => (reloads === undefined ? ends.stop('SIGHUP') : reloads.ask()),
  })
  try {
    await health.open()
    await run(config, {
      ...ends.signals,
      log,
      ready: (agent) => {
        health.start(agent)
        notifier.ready()
        reloads?.start(agent)
      },
    })
    if (!ends.signals.stop.aborted) log.error('the agent ended by itself')
    return ends.signals.stop.aborted
  } catch (error) {
    log.error('the agent cannot go on', { error: describe(error) })
    return false
  } finally {
    release()
    ends.close()
    notifier.stopping()
    await health.close()
    notifier.close()
    await log.close()
  }
}

/** The ways in which a run is asked to end. */
class Ends {
  readonly #stop = new AbortController()
  readonly #abandon = new AbortController()
  readonly #log: OpenLog
  readonly #notifier: Notifier
  #timeoutMs: number
  #timer: NodeJS.Timeout | undefined

  constructor(log: OpenLog, notifier: Notifier, timeoutMs: number) {
    this.#log = log
    this.#notifier = notifier
    this.#timeoutMs = timeoutMs
  }

  get signals(): Pick<AgentIo, 'stop' | 'abandon'> {
    return { stop: this.#stop.signal, abandon: this.#abandon.signal }
  }

  /** How long it has from `stop` on. */
  set timeoutMs(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  stop(signal: NodeJS.Signals): void {
    if (this.#stop.signal.aborted) return
    this.#log.info('ending: what is under way is delivered first; a second signal ends at once', {
      signal,
      within_ms: this.#timeoutMs,
    })
    this.#notifier.stopping()
    this.#timer = setTimeout(() => this.abandon(), this.#timeoutMs + GRACE_MS)
    this.#stop.abort()
  }

  abandon(): void {
    if (this.#abandon.signal.aborted) return
    clearTimeout(this.#timer)
    this.#log.warn('ending at once: what is under way is left')
    // A run that does not end hangs: it is not to keep the host from being shut down.
    this.#timer = setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS)
    this.#stop.abort()
    this.#abandon.abort()
  }

  close(): void {
    clearTimeout(this.#timer)
  }
}

/** Reloads, as signals ask for them: what is asked for before the run is ready is done then. */
function reloadsOf(
  config: AgentConfig,
  read: () => Promise<AgentConfig>,
  { log, notifier, ends }: { readonly log: OpenLog; readonly notifier: Notifier; readonly ends: Ends },
) {
  const reloader = new Reloader(config, {
    log,
    read,
    applied: (next) => {
      log.setLevel(next.log.level)
      ends.timeoutMs = next.shutdownTimeoutMs
    },
  })
  let running: RunningAgent | undefined
  let isAsked = false
  const ask = () => {
    isAsked = running === undefined
    if (running === undefined) return
    notifier.reloading()
    void reloader.reload(running).then(() => notifier.ready())
  }
  const start = (agent: RunningAgent) => {
    running = agent
    if (isAsked) ask()
  }
  return { ask, start }
}
