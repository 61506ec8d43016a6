import { BoundedSpool } from './log/bounded-spool.js'
import { KEEPS_NOTHING } from './log/keeper.js'
import { MemoryStore } from './log/memory-store.js'
import { Places } from './log/places.js'
import { RecentBatches } from './log/recent.js'
import { Tape } from './log/tape.js'
import { checkOptions, type SpoolOptions } from './spool-options.js'

/**
 * A spool in memory: the same bounds and the same account of losses, but it ends with its process. What it holds then is
 * lost, and nobody is left to tell.
 */
export class MemorySpool extends BoundedSpool {
  /** @throws {RangeError} if it cannot be as the options say */
  constructor(options: SpoolOptions) {
    checkOptions(options)
    const tape = new Tape()
    const recent = new RecentBatches()
    const store = new MemoryStore(recent, options.maxBytes)
    const places = new Places(
      { tape, store, recent },
      new Map(options.readers.map((name) => [name, { place: 0, byte: 0 }])),
    )
    super({
      store,
      tape,
      keeper: KEEPS_NOTHING,
      places,
      policy: options.policy,
      maxAgeMs: options.maxAgeMs,
      recent,
      cacheBytes: undefined,
      now: options.now ?? Date.now,
    })
  }
}
