import { expect, it } from 'vitest'
import { Backoff } from './backoff.js'

const waits = (passing: boolean, chance: number) => {
  const backoff = new Backoff(() => chance)
  return Array.from({ length: 9 }, () => backoff.next(passing))
}

it('waits twice as long each time, up to five seconds where it can pass', () => {
  expect(waits(true, 0)).toEqual([300, 600, 1200, 2400, 4800, 5000, 5000, 5000, 5000])
})

it('waits up to fifteen seconds for somebody to mend it', () => {
  expect(waits(false, 0)).toEqual([300, 600, 1200, 2400, 4800, 9600, 15_000, 15_000, 15_000])
})

it('waits up to a half shorter, by chance', () => {
  expect(waits(true, 1)).toEqual([150, 300, 600, 1200, 2400, 2500, 2500, 2500, 2500])
})

it('ends a wait when it is told to', async () => {
  const stop = new AbortController()
  const waiting = new Backoff(() => 0).wait(true, stop.signal)
  stop.abort()
  await waiting
  await new Backoff().wait(true, stop.signal)
})
