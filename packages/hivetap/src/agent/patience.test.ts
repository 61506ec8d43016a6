import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { patienceOf } from './patience.js'

const FOR_LONG_MS = 600_000

function signals() {
  const [stop, abandon] = [new AbortController(), new AbortController()]
  return { stop, abandon, io: { stop: stop.signal, abandon: abandon.signal } }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

it('lasts as long as nobody asks for an end', async () => {
  const patience = patienceOf(signals().io, () => 0)
  await sleep(5)
  expect(patience.aborted).toBe(false)
})

it('lasts for a time from the end that was asked for on, as it is then', async () => {
  const { stop, io } = signals()
  let leftMs = FOR_LONG_MS
  const patience = patienceOf(io, () => leftMs)
  leftMs = 1
  stop.abort()
  expect(patience.aborted).toBe(false)
  await aborted(patience)
})

it('is over at once where the end is to be at once', () => {
  const { stop, abandon, io } = signals()
  const patience = patienceOf(io, () => FOR_LONG_MS)
  stop.abort()
  expect(patience.aborted).toBe(false)
  abandon.abort()
  expect(patience.aborted).toBe(true)
})

it('knows what was asked for before it began', async () => {
  const { stop, abandon, io } = signals()
  stop.abort()
  await aborted(patienceOf(io, () => 1))
  abandon.abort()
  expect(patienceOf(io, () => FOR_LONG_MS).aborted).toBe(true)
})
