import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSavedLine } from '../state/saved.js'
import { DetectStateError } from '../state/state-error.js'
import { SeenEvents } from './seen-events.js'

const EPOCHS = [0, 1, 2, 3].map((digit) => `0b7c1a9e-4f6d-4c58-9a51-2f8f6f9d1c0${digit}`)
const EVER = Number.NEGATIVE_INFINITY

describe('events that were seen', () => {
  it('are told from new ones as a set of all ids tells them', () => {
    const events = fc.array(
      fc.tuple(fc.constantFrom(...EPOCHS), fc.oneof(fc.nat({ max: 2000 }), fc.nat(), fc.maxSafeNat())),
      { maxLength: 500 },
    )
    fc.assert(
      fc.property(events, (list) => {
        const seen = new SeenEvents()
        const known = new Set<string>()
        for (const [epoch, number] of list) {
          const id = `${epoch}-${number % 10 ** 15}`
          expect(seen.isNew(id, 1, EVER)).toBe(!known.has(id))
          known.add(id)
        }
      }),
    )
  })

  it('are known by ids of hivetap alone: any other is new each time', () => {
    const seen = new SeenEvents()
    const [epoch = ''] = EPOCHS
    for (const id of [
      '',
      'x',
      epoch,
      `${epoch}-`,
      `${epoch}-1a`,
      `${epoch}--1`,
      `${epoch}_1`,
      `${epoch}-${'9'.repeat(16)}`,
    ])
      expect([seen.isNew(id, 1, EVER), seen.isNew(id, 1, EVER)], id).toEqual([true, true])
    expect(seen.pages).toBe(0)
  })

  it('are forgotten once nothing as old counts any more', () => {
    const seen = new SeenEvents()
    let copies = 0
    for (let index = 0; index < 1_000_000; index++)
      if (!seen.isNew(`${EPOCHS[index % 4]}-${index * 256}`, index, index - 5000)) copies++
    expect(copies).toBe(0)
    expect(seen.pages).toBeLessThan(11_000)
    expect(seen.forgotten).toBe(0)
    expect(seen.isNew(`${EPOCHS[3]}-${999_999 * 256}`, 999_999, 995_000)).toBe(false)
  })

  it('are given up where there is no room, the oldest first, and counted', () => {
    const seen = new SeenEvents({ mostPages: 100 })
    const id = (index: number) => `${EPOCHS[0]}-${index * 256}`
    for (let index = 0; index < 1000; index++) seen.isNew(id(index), index, EVER)
    expect(seen.pages).toBeLessThanOrEqual(100)
    expect(seen.forgotten + seen.pages).toBe(1000)
    expect(seen.isNew(id(999), 999, EVER)).toBe(false)
    expect(seen.isNew(id(0), 0, EVER)).toBe(true)
  })

  it('of a flood of epochs leave nothing behind', () => {
    const seen = new SeenEvents({ mostPages: 50 })
    const epochOf = (index: number) => `0b7c1a9e-4f6d-4c58-9a51-${String(index).padStart(12, '0')}`
    for (let index = 0; index < 20_000; index++) seen.isNew(`${epochOf(index)}-${index}`, index, EVER)
    expect(seen.pages).toBeLessThanOrEqual(50)
    expect([...seen.save(20_000)]).toEqual([])
    expect(seen.pages).toBe(0)
  })

  it('are saved and taken up', () => {
    const first = new SeenEvents()
    const ids = Array.from({ length: 3000 }, (_, index) => `${EPOCHS[index % 3]}-${index * 97}`)
    for (const id of ids) first.isNew(id, 7, EVER)
    const second = new SeenEvents()
    for (const line of first.save(EVER)) {
      const read = readSavedLine(JSON.stringify(line))
      if (read.line === 'seen') second.restore(read)
    }
    for (const id of ids) expect(second.isNew(id, 7, EVER)).toBe(false)
    const [line] = first.save(EVER)
    expect(() => line !== undefined && second.restore(line)).toThrow(DetectStateError)
  })
})
