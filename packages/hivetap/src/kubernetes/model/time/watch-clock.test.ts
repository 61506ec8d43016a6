import { describe, expect, it } from 'vitest'
import { heldAt, joined, type Tenure } from './tenure.js'
import { LAG_MS, WatchClock } from './watch-clock.js'

function given() {
  const clock = { ms: 1_000_000 }
  const watch = new WatchClock(() => clock.ms)
  const heardAfter = (ms: number, relisted = false) => {
    clock.ms += ms
    return watch.heard(relisted)
  }
  return { clock, heardAfter }
}

describe('how far back what a watch tells may lie', () => {
  it('is for ever, for the first list and what comes right after it', () => {
    const { heardAfter } = given()
    expect(heardAfter(0, true).since).toBe(Number.NEGATIVE_INFINITY)
    expect(heardAfter(LAG_MS - 1).since).toBe(Number.NEGATIVE_INFINITY)
    expect(heardAfter(1)).toEqual({ at: 1_000_000 + LAG_MS, since: 1_000_000 })
  })

  it('is to before a silence, until it has caught up', () => {
    const { heardAfter, clock } = given()
    heardAfter(0, true)
    for (let each = 0; each < 3; each++) heardAfter(LAG_MS)
    const before = clock.ms
    expect(heardAfter(10 * LAG_MS).since).toBe(before - LAG_MS)
    expect(heardAfter(1).since).toBe(before - LAG_MS)
    expect(heardAfter(LAG_MS - 1).since).toBe(clock.ms - LAG_MS)
  })

  it('is to before a list that was asked for anew', () => {
    const { heardAfter, clock } = given()
    heardAfter(0, true)
    for (let each = 0; each < 3; each++) heardAfter(LAG_MS)
    const before = clock.ms
    expect(heardAfter(10, true).since).toBe(before - LAG_MS)
    expect(heardAfter(10).since).toBe(before - LAG_MS)
  })

  it('is not cut short by a clock that is set back', () => {
    const { heardAfter, clock } = given()
    heardAfter(0, true)
    for (let each = 0; each < 3; each++) heardAfter(LAG_MS)
    expect(heardAfter(-LAG_MS / 2).since).toBe(clock.ms - LAG_MS)
    expect(heardAfter(1).since).toBe(clock.ms - 1 - LAG_MS)
  })
})

describe('who held something', () => {
  type Held = Tenure & { readonly who: string }
  const held = (who: string, earliest: number, from: number, until: number, latest: number): Held => ({
    who,
    earliest,
    from,
    until,
    latest,
  })
  const same = (one: Held, other: Held) => one.who === other.who
  const whoAt = (tenures: readonly Held[] | undefined, time: number) => {
    const holding = heldAt(tenures, time, same)
    return holding.kind === 'held' ? holding.tenure.who : holding.kind
  }

  it('is whoever surely did, if nobody else may have', () => {
    const tenures = [held('a', 0, 2, 6, 8), held('b', 5, 9, Infinity, Infinity)]
    expect([-1, 0, 1, 2, 4, 5, 6, 7, 8, 9].map((time) => whoAt(tenures, time))).toEqual([
      'nobody',
      ...['doubt', 'doubt'],
      ...['a', 'a'],
      ...['doubt', 'doubt', 'doubt', 'doubt'],
      'b',
    ])
    expect(whoAt(undefined, 4)).toBe('doubt')
  })

  it('is joined over what one holder was told of twice', () => {
    const tenures = [held('a', 0, 2, 3, 4), held('b', 20, 21, 22, 23), held('a', 10, 12, 13, 14)]
    const all = joined(tenures, same)
    expect(all).toEqual([held('a', 0, 2, 13, 14), held('b', 20, 21, 22, 23)])
    expect(whoAt(all, 7)).toBe('a')
    expect(whoAt(tenures, 7)).toBe('nobody')
  })
})
