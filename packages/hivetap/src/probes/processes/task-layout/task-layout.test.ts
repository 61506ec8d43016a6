import { describe, expect, it } from 'vitest'
import { isInOrder, type TaskLayout, UNKNOWN_LAYOUT } from './task-layout.js'

const LAYOUT: TaskLayout = {
  mm: 1136,
  exitCode: 1164,
  tgid: 1268,
  realParent: 1280,
  startTime: 1552,
  comm: 1752,
  argStart: 480,
}

describe('isInOrder', () => {
  it('is true of members as sched.h has them, of some of them and of none', () => {
    expect(isInOrder(LAYOUT)).toBe(true)
    expect(isInOrder({ ...LAYOUT, mm: undefined, tgid: undefined })).toBe(true)
    expect(isInOrder(UNKNOWN_LAYOUT)).toBe(true)
  })

  it('is false of shuffled ones', () => {
    expect(isInOrder({ ...LAYOUT, realParent: 1260 })).toBe(false)
    expect(isInOrder({ ...LAYOUT, mm: 1760 })).toBe(false)
    expect(isInOrder({ ...LAYOUT, tgid: undefined, realParent: 1100 })).toBe(false)
  })
})
