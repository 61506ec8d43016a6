import { chmod, stat } from 'node:fs/promises'
import type { BatchBound, Destination, DestinationContext, Rejection } from '../../delivery/destination.js'
import type { SpoolBatch } from '../../spool/spool.js'
import type { DuckdbConfig } from './config.js'
import type { Duckdb } from './load-duckdb.js'
import { type OpenStore, openStore } from './open-store.js'
import { ReadAhead } from './read-ahead.js'
import { removeOld } from './retention.js'
import { readSchema, type Schema } from './schema.js'
import { failureOf } from './store-failure.js'
import { writeBatch } from './write-batch.js'
import { writeRows } from './write-rows.js'

/** The store is let go of when nothing came for so long, and after so long in any case: others can ask it then. */
const IDLE_MS = 200
const HELD_MS = 1000
/** Then it is not taken again for so long: whoever waits for it asks more often than that. */
const PAUSE_MS = 80
/** How long a query may have it before a batch is said to wait. */
const PATIENCE_MS = 5000
const RETENTION_MS = 60_000
/**
 * Rows of a table that DuckDB writes together. What comes has fewer: it goes into the log first, and is written again when what
 * it belongs to is full, or when the store is let go of: then the whole group is, so that DuckDB's own 122,880 would cost an idle
 * agent more than its work.
 */
const ROW_GROUP = 16_384
/**
 * What one transaction is made of at most, if so much waits: a whole group of rows. DuckDB packs that and puts it into its place
 * at once; what is less goes into the log as it is, and is packed when it is moved from there.
 */
const MOST_AT_ONCE = { records: ROW_GROUP, bytes: 8 << 20 }
/** With less memory than this, DuckDB has none left for its checkpoint after so much in one go, and is given less. */
const MEMORY_FOR_MOST = 256 << 20
const LESS_AT_ONCE = { records: 4096, bytes: 4 << 20 }
/** Owner and group. */
const MODE = 0o640

/** The store, while it is ours. */
interface Held {
  readonly store: OpenStore
  readonly schema: Schema
  readonly since: number
}

/** A DuckDB file. It is held only while there is something to write, so that it can be asked while the agent runs. */
export class DuckdbDestination implements Destination {
  readonly name: string
  readonly window = 1
  readonly mostAtOnce: BatchBound
  readonly #config: DuckdbConfig
  readonly #context: DestinationContext
  readonly #duckdb: Duckdb
  readonly #ahead = new ReadAhead()
  #held: Held | undefined
  #notBefore = 0
  #retentionAt = 0
  #idle: NodeJS.Timeout | undefined
  /** What is done with the store, one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(config: DuckdbConfig, context: DestinationContext, duckdb: Duckdb) {
    this.name = config.name
    this.mostAtOnce = config.memory_limit < MEMORY_FOR_MOST ? LESS_AT_ONCE : MOST_AT_ONCE
    this.#config = config
    this.#context = context
    this.#duckdb = duckdb
  }

  async open(signal: AbortSignal): Promise<void> {
    await this.#alone(async () => {
      await this.#take(signal)
      await this.#letGo()
    })
  }

  readAhead(batch: SpoolBatch): void {
    this.#ahead.expect(batch)
  }

  async deliver(batch: SpoolBatch, signal: AbortSignal): Promise<readonly Rejection[]> {
    clearTimeout(this.#idle)
    return this.#alone(async () => {
      const held = await this.#take(signal)
      const rejections = await this.#write(held, batch)
      if (performance.now() - held.since > HELD_MS) await this.#letGo()
      else this.#letGoSoon()
      return rejections
    })
  }

  async #write({ store, schema }: Held, batch: SpoolBatch): Promise<readonly Rejection[]> {
    const writing = { duckdb: this.#duckdb, connection: store.connection, schema }
    const free = () => this.#ahead.free()
    try {
      const rows = await this.#ahead.take(batch, schema)
      if (rows !== undefined && (await writeRows(writing, rows, free))) return []
    } finally {
      free()
    }
    const { left, rejections } = await writeBatch(writing, batch)
    if (left > 0) this.#context.note('values that fit no column of the store were left out', { values: left })
    return rejections
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    await this.#alone(() => this.#letGo()).catch((error: unknown) => {
      this.#context.note('the store was closed with an error', { error: (error as Error).message })
    })
  }

  #letGoSoon(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => {
      this.#alone(() => this.#letGo()).catch((error: unknown) => {
        this.#context.note('the store could not be let go of in order', { error: (error as Error).message })
      })
    }, IDLE_MS)
  }

  async #take(signal: AbortSignal): Promise<Held> {
    if (this.#held !== undefined) return this.#held
    const pause = this.#notBefore - performance.now()
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
    const { path, memory_limit } = this.#config
    const isNew = await stat(path).then(
      () => false,
      () => true,
    )
    const settings = { memory_limit: `${memory_limit}B`, threads: '1', temp_directory: '', ...NO_EXTENSIONS }
    const store = await openStore(this.#duckdb, path, settings, PATIENCE_MS, signal, ROW_GROUP)
    try {
      if (isNew) await chmod(path, MODE)
      this.#held = { store, schema: await readSchema(store.connection), since: performance.now() }
      return this.#held
    } catch (error) {
      store.close()
      throw error
    }
  }

  /** The checkpoint puts what is in the log beside it into the file: whoever opens it next has less to read. */
  async #letGo(): Promise<void> {
    const held = this.#held
    if (held === undefined) return
    this.#held = undefined
    try {
      await this.#remove(held)
      await held.store.connection.run('CHECKPOINT')
    } finally {
      held.store.close()
      this.#notBefore = performance.now() + PAUSE_MS
    }
  }

  async #remove({ store, schema }: Held): Promise<void> {
    if (performance.now() < this.#retentionAt) return
    this.#retentionAt = performance.now() + RETENTION_MS
    const { max_age, max_bytes } = this.#config
    const bounds = { maxAgeMs: max_age, maxBytes: max_bytes }
    const removed = await removeOld(store.connection, schema.tables.keys(), bounds)
    if (removed > 0) this.#context.note('old records were removed from the store', { records: removed })
  }

  /** One after the other. After an error the store is opened anew: what it was in the middle of is undone. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work).catch((error: unknown) => {
      this.#held?.store.close()
      this.#held = undefined
      throw failureOf(error, this.#config.path)
    })
    this.#last = done.catch(() => undefined)
    return done
  }
}

const NO_EXTENSIONS = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
}
