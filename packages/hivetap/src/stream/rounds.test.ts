import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Rounds } from './rounds.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** Rounds of what stands in a list, which is emptied when it is read. */
function roundsOf(everyMs?: number) {
  const waiting: string[] = []
  const reads: boolean[] = []
  const rounds = new Rounds((last) => {
    reads.push(last)
    return waiting.splice(0)
  }, everyMs)
  const drained = (limit?: number) => {
    const rows: string[] = []
    expect(rounds.drain((row) => rows.push(row), limit)).toBe(rows.length)
    return rows
  }
  return { waiting, reads, rounds, drained }
}

describe('Rounds', () => {
  it('reads once an interval, and wakes whoever waits', async () => {
    const { waiting, reads, rounds, drained } = roundsOf(1000)
    waiting.push('a', 'b')
    expect(drained()).toEqual([])
    const waited = rounds.wait()
    vi.advanceTimersByTime(999)
    expect(drained()).toEqual([])
    vi.advanceTimersByTime(1)
    await waited
    expect(drained()).toEqual(['a', 'b'])
    waiting.push('c')
    expect(drained()).toEqual([])
    expect(reads).toEqual([false])
    rounds.end()
  })

  it('does not wait when the interval was over before', async () => {
    const { rounds, drained, waiting } = roundsOf(10)
    vi.advanceTimersByTime(10)
    waiting.push('a')
    await rounds.wait()
    expect(drained()).toEqual(['a'])
    rounds.end()
  })

  it('hands out as much as is asked for, and reads again when that is out', () => {
    const { waiting, reads, rounds, drained } = roundsOf()
    waiting.push('a', 'b', 'c')
    rounds.end()
    expect(drained(2)).toEqual(['a', 'b'])
    waiting.push('d')
    expect(drained(2)).toEqual(['c'])
    expect(drained(2)).toEqual(['d'])
    expect(drained(2)).toEqual([])
    expect(reads).toEqual([true, true, true])
  })

  it('reads nothing before its end without an interval, and keeps the process until then', () => {
    const { waiting, reads, rounds, drained } = roundsOf()
    waiting.push('a')
    vi.advanceTimersByTime(100_000)
    expect(drained()).toEqual([])
    expect(reads).toEqual([])
    expect(vi.getTimerCount()).toBe(1)
    rounds.end()
    expect(vi.getTimerCount()).toBe(0)
    expect(drained()).toEqual(['a'])
  })

  it('ends a wait that is aborted, or woken, and listens to the signal no longer', async () => {
    const { rounds } = roundsOf()
    const stop = new AbortController()
    const removed = vi.spyOn(stop.signal, 'removeEventListener')
    const woken = rounds.wait({ signal: stop.signal })
    rounds.wake()
    await woken
    expect(removed).toHaveBeenCalledTimes(1)
    const aborted = rounds.wait({ signal: stop.signal })
    stop.abort()
    await aborted
    await rounds.wait({ signal: stop.signal })
    rounds.end()
  })
})
