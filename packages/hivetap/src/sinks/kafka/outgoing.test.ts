import { expect, test } from 'vitest'
import { groupsOf } from './groups.js'
import { BatchProgress } from './outgoing.js'

test('a batch’s progress tells what is open, and what is never taken', () => {
  const progress = new BatchProgress(6)
  expect([progress.isFresh, progress.allTooLarge]).toEqual([true, []])
  progress.tooLarge(5)
  progress.delivered([{ index: 0 }, { index: 3 }])
  progress.tooLarge(2)
  progress.delivered([{ index: 3 }])
  expect(progress.isFresh).toBe(false)
  expect([0, 1, 2, 3, 4, 5].filter((index) => progress.isOpen(index))).toEqual([1, 4])
  expect(progress.allTooLarge).toEqual([2, 5])
})

test('groups keep the order of what is in them, and what has one key is not copied', () => {
  const parity = (value: number) => value % 2
  expect([...groupsOf([1, 3, 2, 5, 4], parity)]).toEqual([
    [1, [1, 3, 5]],
    [0, [2, 4]],
  ])
  const odd = [1, 3]
  expect(groupsOf(odd, parity).get(1)).toBe(odd)
  expect(groupsOf([], parity).size).toBe(0)
})
