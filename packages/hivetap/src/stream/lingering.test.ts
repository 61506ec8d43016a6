import { expect, it, vi } from 'vitest'
import { Lingering } from './lingering.js'

/** A source that is ready when it is told. */
function source() {
  const waits: (() => void)[] = []
  const release = () => {
    for (const resolve of waits.splice(0)) resolve()
  }
  return {
    waits,
    drain: vi.fn(() => 3),
    wait: () => new Promise<void>((resolve) => void waits.push(resolve)),
    wake: vi.fn(() => release()),
    release,
  }
}

async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false
  void promise.then(() => {
    done = true
  })
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  return done
}

it('waits for the first event, and then for those that follow', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const inner = source()
    const waiting = new Lingering(inner, 20).wait()
    expect(await isDone(waiting)).toBe(false)
    inner.release()
    expect(await isDone(waiting)).toBe(false)
    await vi.advanceTimersByTimeAsync(19)
    expect(await isDone(waiting)).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await isDone(waiting)).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

it('ends when it is woken, whatever it waits for', async () => {
  const inner = source()
  const lingering = new Lingering(inner, 1e6)
  const waiting = lingering.wait()
  lingering.wake()
  expect(await isDone(waiting)).toBe(false)
  lingering.wake()
  await waiting
})

it('ends when the signal aborts', async () => {
  const inner = source()
  const stop = new AbortController()
  const waiting = new Lingering(inner, 1e6).wait({ signal: stop.signal })
  inner.release()
  expect(await isDone(waiting)).toBe(false)
  stop.abort()
  await waiting
})

it('hands out what the source has', () => {
  const inner = source()
  const take = () => undefined
  expect(new Lingering(inner, 1).drain(take, 7)).toBe(3)
  expect(inner.drain).toHaveBeenCalledWith(take, 7)
})
