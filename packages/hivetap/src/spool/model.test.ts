import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchOf, epochOf, namesOf, readNow, spoolDirectory } from '../../../../test/support/spool.js'
import { type DiskSpool, openDiskSpool } from './disk-spool.js'
import type { SpoolEntry, SpoolPolicy, SpoolReader } from './spool.js'

const ABORTED = AbortSignal.abort()
const READERS = ['one', 'two'] as const
type Name = (typeof READERS)[number]

/** What happens to a spool. */
type Action =
  /** Also while readers look into files. */
  | {
      readonly kind: 'append'
      readonly meanwhile: boolean
      readonly count: number
      readonly valueBytes: number
    }
  | { readonly kind: 'read' | 'acknowledge' | 'closeReader'; readonly name: Name; readonly times: number }
  /** Its process ends: as it should, or killed, so that what is on disk is all there is. */
  | { readonly kind: 'reopen'; readonly crash: boolean; readonly newEpoch: boolean }
  | { readonly kind: 'pass'; readonly ms: number }

const name = fc.constantFrom(...READERS)
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      meanwhile: fc.boolean(),
      count: fc.integer({ min: 1, max: 12 }),
      valueBytes: fc.integer({ min: 45, max: 300 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('read' as const, 'acknowledge' as const, 'closeReader' as const),
      name,
      times: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('reopen' as const),
      crash: fc.boolean(),
      newEpoch: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 900 }) }),
  },
)

/** A reader as it should be: what it was told in order, and what of that it acknowledged. */
class ModelReader {
  reader: SpoolReader | undefined
  /** Told since it was opened, and not acknowledged. */
  open: SpoolEntry[] = []
  /** Names of records whose fate it acknowledged, in order. */
  readonly done: string[] = []

  /** What was told and not acknowledged is told again. */
  forget(): void {
    this.reader = undefined
    this.open = []
  }
}

class Run {
  readonly #dir = spoolDirectory()
  readonly #policy: SpoolPolicy
  #generation = 0
  #now = 1_000_000
  spool: DiskSpool
  /** Names of all records that were given to the spool, accepted or refused. */
  readonly given: string[] = []
  #epoch = 1
  #next = 0
  readonly readers = new Map(READERS.map((one) => [one, new ModelReader()]))

  constructor(policy: SpoolPolicy) {
    this.#policy = policy
    this.spool = this.#open()
  }

  #open(): DiskSpool {
    return openDiskSpool({
      ...{
        dir: join(this.#dir, `${this.#generation}`),
        maxBytes: 12_000,
        segmentBytes: 3000,
        cacheBytes: 4000,
      },
      ...{ policy: this.#policy, fsync: 'never', fsyncIntervalMs: 1, readers: READERS, maxAgeMs: 2000 },
      now: () => this.#now,
    })
  }

  async act(action: Action): Promise<void> {
    if (action.kind === 'append') {
      const { meanwhile } = action
      const reads = meanwhile ? READERS.map((name) => this.#reader('read', name, 1)) : []
      for (let time = 0; time < (meanwhile ? 8 : 1); time++)
        await this.#append(action.count, action.valueBytes)
      await Promise.all(reads)
    } else if (action.kind === 'pass') this.#now += action.ms
    else if (action.kind === 'reopen') await this.#reopen(action.crash, action.newEpoch)
    else await this.#reader(action.kind, action.name, action.times)
  }

  async #append(count: number, valueBytes: number): Promise<void> {
    const batch = batchOf(epochOf(this.#epoch), this.#next, count, valueBytes)
    await this.spool.append(batch, ABORTED)
    this.given.push(...namesOf({ kind: 'batch', batch }))
    this.#next += count
  }

  async #reader(kind: 'read' | 'acknowledge' | 'closeReader', name: Name, times: number): Promise<void> {
    const model = this.readers.get(name)
    if (model === undefined) return
    if (kind === 'closeReader') {
      model.reader?.close()
      model.forget()
    }
    for (let time = 0; time < times; time++) {
      if (kind === 'read') {
        model.reader ??= this.spool.reader(name)
        const entry = await readNow(model.reader)
        if (entry === undefined) return
        model.open.push(entry)
      }
      const first = kind === 'acknowledge' ? model.open.shift() : undefined
      if (first === undefined) continue
      // Nothing was damaged: what was given up is told with its reason, also after a crash.
      if (first.kind === 'loss') expect(['spool_full', 'spool_age']).toContain(first.loss.reason)
      model.reader?.acknowledge(first)
      model.done.push(...namesOf(first))
    }
  }

  async #reopen(crash: boolean, newEpoch: boolean): Promise<void> {
    const before = this.spool
    if (crash) {
      // What a killed process leaves is what its files hold at that moment.
      const from = join(this.#dir, `${this.#generation++}`)
      cpSync(from, join(this.#dir, `${this.#generation}`), { recursive: true })
    }
    await before.close()
    this.spool = this.#open()
    for (const model of this.readers.values()) model.forget()
    expect(this.spool.recovered).toMatchObject({ tornBytes: 0, unreadableBytes: 0, stateLost: false })
    const expected = this.given.length === 0 ? undefined : [epochOf(this.#epoch), this.#next]
    const { end } = this.spool
    if (this.#next > 0) expect([end?.epoch, end?.nextSequence]).toEqual(expected)
    if (!newEpoch) return
    this.#epoch++
    this.#next = 0
  }

  /** Reads the rest: then each reader was told of each record. */
  async finish(): Promise<void> {
    for (const [name, model] of this.readers) {
      await this.#reader('closeReader', name, 0)
      await this.#reader('read', name, 10_000)
      await this.#reader('acknowledge', name, 10_000)
      expect(model.done.filter((one, index) => model.done.indexOf(one) === index)).toEqual(this.given)
    }
    expect(this.spool.counters.heldBytes).toBe(0)
    await this.spool.close()
    rmSync(this.#dir, { recursive: true })
  }
}

describe('whatever happens to a spool', () => {
  it.each(['drop_oldest', 'drop_newest', 'block'] as const)(
    '%s: each record is read, or in one loss, by each reader; in order',
    async (policy) => {
      await fc.assert(
        fc.asyncProperty(fc.array(action, { maxLength: 150, size: 'max' }), async (actions) => {
          const run = new Run(policy)
          const crashed = actions.some((one) => one.kind === 'reopen' && one.crash)
          for (const one of actions) await run.act(one)
          await run.finish()
          // Only a crash makes a reader read twice what it had acknowledged.
          if (!crashed) for (const { done } of run.readers.values()) expect(done).toEqual(run.given)
        }),
        { numRuns: 25 },
      )
    },
    60_000,
  )
})
