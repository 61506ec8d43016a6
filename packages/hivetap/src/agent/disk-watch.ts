import { faultText } from '../spool/disk/fault-text.js'
import type { DiskSpool } from '../spool/disk-spool.js'
import type { AgentLog } from './agent.js'

/** How often it is looked: milliseconds. A fault is told as failing for longer. */
const LOOK_EVERY_MS = 1000

/** Says in the log when the disk of a spool fails, and when it works again: once each, however often it is tried. */
export class DiskWatch {
  readonly #spool: Pick<DiskSpool, 'errors' | 'faults'>
  readonly #log: AgentLog
  readonly #timer: NodeJS.Timeout
  #isTold = false

  /** @param log says which spool it is */
  constructor(spool: Pick<DiskSpool, 'errors' | 'faults'>, log: AgentLog) {
    this.#spool = spool
    this.#log = log
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref()
  }

  /** Looks at once whether something failed, and stops. */
  close(): void {
    clearInterval(this.#timer)
    this.look()
  }

  look(): void {
    const { errors, faults } = this.#spool
    const fault = faults.find(({ failing }) => failing)
    if ((fault !== undefined) === this.#isTold) return
    this.#isTold = fault !== undefined
    const { write, read, sync, state, remove } = errors
    const counts = {
      write_errors: write,
      read_errors: read,
      sync_errors: sync,
      state_errors: state,
      remove_errors: remove,
    }
    if (fault === undefined) this.#log.info('the disk of the spool works again', counts)
    else
      this.#log.error(
        'the disk of the spool fails: what it does not take or give back is told as lost, unless the policy is to wait for it',
        { error: faultText(fault), ...counts },
      )
  }
}
