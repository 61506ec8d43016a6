import type { DiskSpool, SpoolErrors } from '../spool/disk-spool.js'
import type { AgentLog } from './agent.js'
import { errorText } from './log/error-text.js'

/** How often it is looked, and how long nothing may fail before the disk is taken to work again: milliseconds. */
const LOOK_EVERY_MS = 1000
const QUIET_MS = 5000

/** Says in the log when the disk of a spool fails, and when it works again: once each, however often it is tried. */
export class DiskWatch {
  readonly #spool: Pick<DiskSpool, 'errors' | 'counters'>
  readonly #log: AgentLog
  readonly #timer: NodeJS.Timeout
  #before: SpoolErrors
  /** When the last failure was seen, by a clock that is never set; `undefined` while all is well. */
  #failedAt: number | undefined
  #batchesThen = 0

  /** @param log says which spool it is */
  constructor(spool: Pick<DiskSpool, 'errors' | 'counters'>, log: AgentLog) {
    this.#spool = spool
    this.#log = log
    this.#before = spool.errors
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref()
  }

  /** Looks at once whether something failed, and stops. */
  close(): void {
    clearInterval(this.#timer)
    this.look()
  }

  look(): void {
    const { errors, counters } = this.#spool
    const { write, read, sync, state, last } = errors
    const before = this.#before
    this.#before = errors
    const counts = { write_errors: write, read_errors: read, sync_errors: sync, state_errors: state }
    if (write + read + sync + state > before.write + before.read + before.sync + before.state) {
      const isNew = this.#failedAt === undefined
      this.#failedAt = performance.now()
      this.#batchesThen = counters.batches
      if (isNew)
        this.#log.error(
          'the disk of the spool fails: what it does not take or give back is told as lost, unless the policy is to wait for it',
          { error: errorText(last), ...counts },
        )
      return
    }
    // Nothing failed: that says something only if something was tried.
    if (this.#failedAt === undefined || counters.batches === this.#batchesThen) return
    if (performance.now() - this.#failedAt < QUIET_MS) return
    this.#failedAt = undefined
    this.#log.info('the disk of the spool works again', counts)
  }
}
