import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Merge, type Released } from './merge.js'

const MOST = { items: 1000, bytes: 1 << 20 }

/** What several nodes tell: each at a time of its own clock, heard after a delay. */
interface Told {
  readonly node: string
  readonly timeUs: number
  readonly heardMs: number
}

const told = fc.array(
  fc.record({
    node: fc.constantFrom('a', 'b', 'c'),
    atMs: fc.integer({ min: 0, max: 2000 }),
    delayMs: fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 0, max: 90 }) },
      fc.integer({ min: 0, max: 900 }),
    ),
  }),
  { maxLength: 200 },
)

/** A node's stream comes in the order in which it was told. */
function heard(items: readonly { node: string; atMs: number; delayMs: number }[]): Told[] {
  const last = new Map<string, number>()
  return items
    .toSorted((one, other) => one.atMs - other.atMs)
    .map(({ node, atMs, delayMs }) => {
      const heardMs = Math.max(atMs + delayMs, last.get(node) ?? 0)
      last.set(node, heardMs)
      return { node, timeUs: atMs * 1000, heardMs }
    })
    .toSorted((one, other) => one.heardMs - other.heardMs)
}

/** Runs them through; what came out, with when. */
function run(all: readonly Told[], waitMs: number): (Released<Told> & { outMs: number })[] {
  const merge = new Merge<Told>(waitMs, MOST)
  for (const node of ['a', 'b', 'c']) merge.join(node)
  const out: (Released<Told> & { outMs: number })[] = []
  const take = (nowMs: number) => {
    for (const released of merge.take(nowMs)) out.push({ ...released, outMs: nowMs })
  }
  let next = 0
  for (let nowMs = 0; nowMs <= 4000; nowMs += 10) {
    for (let one = all[next]; one !== undefined && one.heardMs <= nowMs; one = all[++next])
      merge.add({ node: one.node, timeUs: one.timeUs, bytes: 1, item: one }, nowMs)
    take(nowMs)
  }
  take(Number.POSITIVE_INFINITY)
  expect(merge.held).toBe(0)
  expect(merge.late).toBe(out.filter(({ late }) => late).length)
  return out
}

describe('what several nodes tell', () => {
  it('comes out once each, nothing lost', () => {
    fc.assert(
      fc.property(told, (items) => {
        const all = heard(items)
        const out = run(all, 100)
        expect(new Set(out.map(({ item }) => item))).toEqual(new Set(all))
        expect(out).toHaveLength(all.length)
      }),
    )
  })

  it('comes out in the order of its time, but for what is said to be late', () => {
    fc.assert(
      fc.property(told, (items) => {
        const times = run(heard(items), 100).filter(({ late }) => !late)
        expect(times.map(({ timeUs }) => timeUs)).toEqual(
          times.map(({ timeUs }) => timeUs).toSorted((one, other) => one - other),
        )
      }),
    )
  })

  it('is late only where it was heard later than others waited', () => {
    fc.assert(
      fc.property(told, (items) => {
        const all = heard(items)
        const mostMs = Math.max(0, ...all.map(({ timeUs, heardMs }) => heardMs - timeUs / 1000))
        expect(run(all, mostMs + 20).filter(({ late }) => late)).toEqual([])
      }),
    )
  })

  it('waits no longer than it may, whoever is silent', () => {
    fc.assert(
      fc.property(told, (items) => {
        for (const { item, outMs } of run(heard(items), 100))
          if (Number.isFinite(outMs)) expect(outMs - item.heardMs).toBeLessThanOrEqual(100 + 20)
      }),
    )
  })
})

describe('a node', () => {
  const add = (merge: Merge<string>, node: string, timeMs: number, nowMs: number) =>
    merge.add({ node, timeUs: timeMs * 1000, bytes: 10, item: `${node}${timeMs}` }, nowMs)
  const taken = (merge: Merge<string>, nowMs: number) => [...merge.take(nowMs)].map(({ item }) => item)

  it('holds the others back until it has told of something later', () => {
    const merge = new Merge<string>(1000, MOST)
    merge.join('a')
    merge.join('b')
    add(merge, 'a', 1, 0)
    expect(taken(merge, 1)).toEqual([])
    expect(merge.dueInMs(1)).toBe(1000)
    add(merge, 'b', 8, 2)
    expect(taken(merge, 3)).toEqual([])
    add(merge, 'a', 9, 4)
    // Each may still tell of something that was some milliseconds before.
    expect(taken(merge, 5)).toEqual(['a1'])
  })

  it('that is gone holds nobody back, and what it told is there', () => {
    const merge = new Merge<string>(1000, MOST)
    merge.join('a')
    merge.join('b')
    add(merge, 'b', 2, 0)
    add(merge, 'a', 1, 0)
    merge.leave('b')
    add(merge, 'a', 20, 0)
    expect(taken(merge, 0)).toEqual(['a1', 'b2'])
    merge.leave('a')
    expect(taken(merge, 0)).toEqual(['a20'])
    expect(merge.dueInMs(0)).toBeUndefined()
  })

  it('may be a little out of order by itself', () => {
    const merge = new Merge<string>(1000, MOST)
    merge.join('a')
    add(merge, 'a', 10, 0)
    expect(taken(merge, 0)).toEqual([])
    add(merge, 'a', 7, 0)
    add(merge, 'a', 30, 0)
    expect(taken(merge, 0)).toEqual(['a7', 'a10'])
    expect(merge.late).toBe(0)
  })

  it('that tells more than there is room for makes it full, until half is taken', () => {
    const merge = new Merge<string>(1000, { items: 4, bytes: 1 << 20 })
    merge.join('a')
    for (let count = 0; count < 4; count++) add(merge, 'a', count, 0)
    expect([merge.full, merge.roomy]).toEqual([true, false])
    expect(taken(merge, 2000)).toHaveLength(4)
    expect([merge.full, merge.roomy]).toEqual([false, true])
    const bytes = new Merge<string>(1000, { items: 100, bytes: 20 })
    add(bytes, 'a', 1, 0)
    expect(bytes.full).toBe(false)
    add(bytes, 'a', 1, 0)
    expect(bytes.full).toBe(true)
  })
})
