import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is known of the last epoch of a spool. */
export interface LastEpoch {
  readonly epoch: string
  /** Whether its account was recorded. */
  readonly ended: boolean
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * A file beside a spool that says whether the epoch of the last run was brought to its end: if not, the next run says that it
 * was cut.
 */
export class EpochFile {
  readonly #path: string

  /** @param directory of the spool */
  constructor(directory: string) {
    this.#path = join(directory, 'epoch.json')
  }

  /** What it says; `undefined` if there is none, or it cannot be read. */
  read(): LastEpoch | undefined {
    try {
      const { epoch, ended } = JSON.parse(readFileSync(this.#path, 'utf8')) as Record<string, unknown>
      return typeof epoch === 'string' && UUID.test(epoch) ? { epoch, ended: ended === true } : undefined
    } catch {
      return undefined
    }
  }

  /** @throws if it cannot be written */
  write(last: LastEpoch): void {
    const fresh = `${this.#path}.new`
    writeFileSync(fresh, JSON.stringify(last), { mode: 0o600 })
    renameSync(fresh, this.#path)
  }
}
