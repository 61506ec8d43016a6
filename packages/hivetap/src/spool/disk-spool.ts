import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type DiskFault, DiskFaults, type DiskTask } from './disk/disk-faults.js'
import { DiskStore } from './disk/disk-store.js'
import { lockDirectory } from './disk/lock.js'
import { findByte, learnRuns, recoverLog } from './disk/recover.js'
import { MAX_SEGMENT_BYTES } from './disk/segment.js'
import { StateFile } from './disk/state-file.js'
import { StateKeeper } from './disk/state-keeper.js'
import { type FsyncMode, Syncing } from './disk/syncing.js'
import { BoundedSpool, type BoundedSpoolParts } from './log/bounded-spool.js'
import { Places } from './log/places.js'
import { RecentBatches } from './log/recent.js'
import { Tape } from './log/tape.js'
import { checkOptions, type SpoolOptions } from './spool-options.js'

/** How a spool on disk is opened. */
export interface DiskSpoolOptions extends SpoolOptions {
  /** Its directory; created if it is not there. */
  readonly dir: string
  /** Bytes of a segment: what is removed at a time. At most half of `maxBytes`, and 64 MiB. */
  readonly segmentBytes: number
  readonly fsync: FsyncMode
  /** With `interval`: how much time a host that loses power takes with it, at most. */
  readonly fsyncIntervalMs: number
  /** Bytes of the newest batches that are held in memory too, so that they are not read back: 4 MiB unless told. */
  readonly cacheBytes?: number
}

/** What opening a spool found. */
export interface Recovered {
  /** Bytes of an unfinished write at the end, which were cut: what it held had not been accepted. */
  readonly tornBytes: number
  /** Bytes at the end that nobody can read. Records that were in them are told as lost as far as is known. */
  readonly unreadableBytes: number
  /** Whether the file of what readers had acknowledged could not be read: they begin at the oldest batch. */
  readonly stateLost: boolean
  /** Readers that are not configured any more: what they had acknowledged is forgotten. */
  readonly forgottenReaders: readonly string[]
}

/** Times that the operating system refused, since the spool was opened. */
export interface SpoolErrors {
  /** To write a batch. */
  readonly write: number
  /** To read batches back: what was in them is told as lost. */
  readonly read: number
  /** To bring batches to the medium: what a host that loses power takes with it may be more. */
  readonly sync: number
  /** To write the state: after a crash, more is read twice. */
  readonly state: number
  /** To remove what is acknowledged or given up: it takes room longer. */
  readonly remove: number
  /** What it said of one of the last; `undefined` where it never refused. */
  readonly last: unknown
}

const CACHE_BYTES = 4 << 20
/** A segment takes batches for this part of the age that is kept. */
const PARTS_OF_AGE = 8

/** A spool in a directory, which a crash of its process does not end. */
export class DiskSpool extends BoundedSpool {
  readonly recovered: Recovered
  readonly #faults: DiskFaults
  #unlock: () => void
  readonly #store: DiskStore

  /** Made by `openDiskSpool`. */
  constructor(
    parts: BoundedSpoolParts,
    disk: {
      readonly recovered: Recovered
      readonly store: DiskStore
      readonly faults: DiskFaults
      readonly unlock: () => void
    },
  ) {
    super(parts)
    this.recovered = disk.recovered
    this.#store = disk.store
    this.#faults = disk.faults
    this.#unlock = disk.unlock
  }

  get errors(): SpoolErrors {
    const times = (task: DiskTask) => this.#faults.times(task)
    return {
      write: times('write'),
      read: times('read'),
      sync: times('sync'),
      state: times('state'),
      remove: times('remove'),
      last: this.#faults.all[0]?.error,
    }
  }

  /** What of its disk fails, or has failed, the last first: nothing where all was well since it was opened. */
  get faults(): readonly DiskFault[] {
    return this.#faults.all
  }

  /** Bytes of its segments, with what is acknowledged and not yet removed; the file of its state takes 128 KiB beside. */
  get diskBytes(): number {
    return this.#store.bytes
  }

  override async close(): Promise<void> {
    try {
      await super.close()
    } finally {
      this.#unlock()
      this.#unlock = () => undefined
    }
  }
}

/**
 * Opens the spool of a directory, as an earlier process left it.
 *
 * @throws {RangeError} if it cannot be as the options say
 * @throws {SpoolLockedError} if another process has it open
 * @throws what the operating system says, if the directory cannot be read or written
 */
export function openDiskSpool(options: DiskSpoolOptions): DiskSpool {
  checkOptions(options)
  const { dir, maxBytes, segmentBytes } = options
  if (!(segmentBytes > 0 && segmentBytes <= maxBytes / 2 && segmentBytes <= MAX_SEGMENT_BYTES))
    throw new RangeError(
      `Segments of ${segmentBytes} bytes cannot be: above zero, at most half of the spool (${maxBytes / 2}) and ${MAX_SEGMENT_BYTES}`,
    )
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const unlock = lockDirectory(dir)
  try {
    const file = new StateFile(join(dir, 'state'))
    try {
      return openWith(options, file, unlock)
    } catch (error) {
      file.close()
      throw error
    }
  } catch (error) {
    unlock()
    throw error
  }
}

function openWith(options: DiskSpoolOptions, file: StateFile, unlock: () => void): DiskSpool {
  const { dir, maxBytes, segmentBytes, fsync, maxAgeMs, readers } = options
  const tape = new Tape()
  const log = recoverLog(dir, tape)
  if (file.state === undefined) learnRuns(log.segments, tape)
  else tape.restore(file.state)
  const cursors = file.state?.cursors ?? new Map<string, number>()
  const faults = new DiskFaults()
  const syncing = new Syncing(dir, fsync, options.fsyncIntervalMs, faults)
  const segmentAgeMs = maxAgeMs === undefined ? Number.POSITIVE_INFINITY : maxAgeMs / PARTS_OF_AGE
  const store = new DiskStore(
    { dir, maxBytes, segmentBytes, segmentAgeMs, syncing, faults },
    log.segments,
    tape.state,
    log.appendable,
  )
  const recent = new RecentBatches()
  const acknowledged = new Map(
    readers.map((name) => {
      const place = cursors.get(name) ?? store.start
      return [name, { place, byte: findByte(log.segments, place) }]
    }),
  )
  const places = new Places({ tape, store, recent }, acknowledged)
  const keeper = new StateKeeper(
    file,
    fsync !== 'never',
    () => ({ ...tape.state, cursors: places.cursors }),
    faults,
  )
  keeper.save()
  store.release(places.acknowledged)
  const { tornBytes, unreadableBytes } = log
  const forgottenReaders = [...cursors.keys()].filter((name) => !readers.includes(name))
  return new DiskSpool(
    {
      store,
      tape,
      keeper,
      places,
      policy: options.policy,
      maxAgeMs,
      recent,
      cacheBytes: options.cacheBytes ?? CACHE_BYTES,
      now: options.now ?? Date.now,
    },
    {
      recovered: { tornBytes, unreadableBytes, stateLost: file.isLost, forgottenReaders },
      store,
      faults,
      unlock,
    },
  )
}
