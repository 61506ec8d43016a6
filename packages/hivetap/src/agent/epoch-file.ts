import {
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { SpoolEnd } from '../spool/spool.js'
import { isEpochId } from '../stream/epoch-id.js'

/** What is known of the last epoch of a spool. */
export interface LastEpoch {
  readonly epoch: string
  /** Whether its account was recorded. */
  readonly ended: boolean
  /** Epochs before it that were cut, as long as the spool does not have it. */
  readonly cut?: readonly CutEpoch[]
}

/** An epoch that ended without its account. */
export interface CutEpoch {
  readonly epoch: string
  /** How far the spool had come in it. */
  readonly sequences: number
}

/** Cut epochs that are kept: the newest. One is added where a run is killed within its first milliseconds. */
const MOST_CUT = 64

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
      const { epoch, ended, cut } = JSON.parse(readFileSync(this.#path, 'utf8')) as Record<string, unknown>
      if (!isEpochId(epoch)) return undefined
      const known = Array.isArray(cut) ? cut.filter(isCut) : []
      return { epoch, ended: ended === true, ...(known.length > 0 ? { cut: known } : {}) }
    } catch {
      return undefined
    }
  }

  /**
   * Says that an epoch begins, or goes on, before anything of it is recorded: if it is cut, the next run knows of it.
   *
   * @param end where the spool ended when it was opened
   * @returns epochs before it that ended without their account, and that nobody was told of yet
   * @throws if it cannot be written
   */
  begin(epoch: string, end: SpoolEnd | undefined): readonly CutEpoch[] {
    const cut = this.#cutBefore(epoch, end)
    this.write({ epoch, ended: false, ...(cut.length > 0 ? { cut } : {}) })
    return cut
  }

  /** Sets it back to what it said before. @throws if it cannot be written */
  restore(before: LastEpoch | undefined): void {
    if (before === undefined) rmSync(this.#path, { force: true })
    else this.write(before)
  }

  /** @throws if it cannot be written */
  write(last: LastEpoch): void {
    const text = JSON.stringify({ ...last, cut: last.cut?.slice(-MOST_CUT) })
    const fresh = `${this.#path}.new`
    try {
      writeFileSync(fresh, text, { mode: 0o600 })
      renameSync(fresh, this.#path)
    } catch (error) {
      // A disk that is full has no room for another file, and the room of this one.
      if (!this.#overwrite(text)) throw error
      rmSync(fresh, { force: true })
    }
  }

  /** Writes it in place. @returns whether that could be done */
  #overwrite(text: string): boolean {
    try {
      const fd = openSync(this.#path, 'r+')
      try {
        const bytes = Buffer.from(text)
        if (writeSync(fd, bytes, 0, bytes.length, 0) < bytes.length) return false
        ftruncateSync(fd, bytes.length)
        return true
      } finally {
        closeSync(fd)
      }
    } catch {
      return false
    }
  }

  #cutBefore(next: string, end: SpoolEnd | undefined): readonly CutEpoch[] {
    const last = this.read()
    if (last === undefined) return []
    const { epoch, ended, cut = [] } = last
    // One that is pinned goes on.
    if (ended || epoch === next) return cut
    return [...cut, { epoch, sequences: end?.epoch === epoch ? end.nextSequence : 0 }]
  }
}

function isCut(value: unknown): value is CutEpoch {
  if (typeof value !== 'object' || value === null) return false
  const { epoch, sequences } = value as Record<string, unknown>
  return isEpochId(epoch) && Number.isSafeInteger(sequences) && Number(sequences) >= 0
}
