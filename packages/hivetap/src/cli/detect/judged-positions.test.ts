import { expect, it } from 'vitest'
import { JudgedPositions } from './judged-positions.js'

const at = (offset: number) => new Map([[0, offset]])

it('positions are those behind which no window is open', () => {
  const judged = new JudgedPositions()
  judged.note(at(5), Number.NEGATIVE_INFINITY, 0)
  expect(judged.judged(Number.POSITIVE_INFINITY)).toEqual(at(5))
  judged.note(at(10), 100, 1000)
  // Too soon to be noted; it is once more time has passed.
  judged.note(at(15), 150, 1100)
  judged.note(at(20), 200, 2000)
  expect(judged.judged(50)).toEqual(at(5))
  expect(judged.judged(101)).toEqual(at(10))
  // Nothing newer, only more of it.
  judged.note(at(25), 200, 2001)
  expect(judged.judged(200)).toEqual(at(10))
  expect(judged.judged(Number.POSITIVE_INFINITY)).toEqual(at(25))
})
