/** Keeps what a spool must know of itself for the next process: its tape, and what its readers have acknowledged. */
export interface Keeper {
  /** Writes it now: a crash of this process does not lose it. */
  save(): void
  /** Writes it within some hundred milliseconds: what a crash loses of it is read twice. */
  saveSoon(): void
  /** Writes it, and calls when it is on the medium; also if it could not be brought there. */
  saveDurably(done: () => void): void
  /** Writes it a last time, and lets go. */
  close(): Promise<void>
}

/** Of a spool that ends with its process. */
export const KEEPS_NOTHING: Keeper = {
  save() {},
  saveSoon() {},
  saveDurably(done) {
    done()
  },
  async close() {},
}
