import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { firstAnswer } from './first-answer.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Asks those of that name, who answer or fail behind so many milliseconds; or never. */
function ask(plan: Readonly<Record<string, number | Error | 'never'>>) {
  const asked: string[] = []
  const answer = firstAnswer(
    Object.keys(plan),
    1000,
    (name) => {
      asked.push(name)
      const what = plan[name]
      if (what instanceof Error) return Promise.reject(what)
      return new Promise<string>((resolve) => {
        if (typeof what === 'number') setTimeout(() => resolve(name), what)
      })
    },
    (error) => (error as Error).message === 'final',
  )
  answer.catch(() => undefined)
  return { answer, asked }
}

test('while one answers in time, no other is asked', async () => {
  const { answer, asked } = ask({ a: 900, b: 0 })
  await vi.runAllTimersAsync()
  expect(await answer).toBe('a')
  expect(asked).toEqual(['a'])
})

test('one that is slow, or silent, is not waited for alone: who answers first counts', async () => {
  const slow = ask({ a: 8000, b: 'never', c: 100 })
  await vi.runAllTimersAsync()
  expect(await slow.answer).toBe('c')
  expect(slow.asked).toEqual(['a', 'b', 'c'])
  const allSlow = ask({ a: 8000, b: 7500 })
  await vi.runAllTimersAsync()
  expect(await allSlow.answer).toBe('a')
})

test('when one fails, the next is asked at once; the last failure is told when nobody is left', async () => {
  const mended = ask({ a: new Error('one'), b: new Error('two'), c: 5 })
  await vi.advanceTimersByTimeAsync(5)
  expect(await mended.answer).toBe('c')
  await expect(ask({ a: new Error('one'), b: new Error('two') }).answer).rejects.toThrow('two')
  await expect(ask({}).answer).rejects.toBeUndefined()
})

test('what all would say is asked of one', async () => {
  const { answer, asked } = ask({ a: new Error('final'), b: 0 })
  await expect(answer).rejects.toThrow('final')
  expect(asked).toEqual(['a'])
})

test('one that is waited for still counts when the others have failed', async () => {
  const { answer } = ask({ a: 3000, b: new Error('two') })
  await vi.runAllTimersAsync()
  expect(await answer).toBe('a')
  expect(vi.getTimerCount()).toBe(0)
})
