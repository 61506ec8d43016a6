import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { within } from './within.js'

const hang = () => new Promise<never>(() => {})

test('work that is done is handed on, and leaves nothing behind', async () => {
  const controller = new AbortController()
  expect(await within(1000, [controller.signal], async () => 7)).toBe(7)
  await expect(within(1000, [controller.signal], () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})

test('work that does not end is told so', async () => {
  let told: AbortSignal | undefined
  const late = within(5, [], (signal) => {
    told = signal
    return hang()
  })
  await expect(late).rejects.toMatchObject({ kind: 'deadline', passing: true })
  expect(told?.aborted).toBe(true)
})

test('it is called off by any of the signals, also before it has begun', async () => {
  const [a, b] = [new AbortController(), new AbortController()]
  const running = within(60_000, [a.signal, b.signal], hang)
  b.abort()
  await expect(running).rejects.toMatchObject({ kind: 'aborted' })
  let begun = false
  const never = within(60_000, [a.signal, b.signal], async () => {
    begun = true
  })
  await expect(never).rejects.toMatchObject({ kind: 'aborted' })
  expect(begun).toBe(false)
})
