import { expect, it } from 'vitest'
import { Held } from './held.js'

it('tells how often and for how long partitions waited for others', () => {
  const held = new Held()
  held.note(0, false, 0)
  expect(held.text(100)).toBeUndefined()
  held.note(0, true, 1000)
  held.note(0, true, 2000)
  held.note(1, true, 2000)
  held.note(0, false, 3000)
  held.note(0, false, 4000)
  expect(held.text(4500)).toBe('partitions that were ahead waited 2 times for others, 4.5 s together')
})
