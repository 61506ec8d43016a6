import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alertOf, episode } from '../../../../../test/support/alerts.js'
import type { Alert } from '../../detect/alert.js'
import { type AlertLoss, AlertQueue } from './alert-queue.js'

function queueOf(most: number) {
  const lost: AlertLoss[] = []
  const settled: Alert[] = []
  const queue = new AlertQueue(most, (reason) => lost.push(reason))
  const push = (...alerts: readonly Alert[]) => {
    for (const alert of alerts) queue.push({ alert, settle: () => settled.push(alert) })
  }
  const waiting = () => {
    const all = queue.take(Number.POSITIVE_INFINITY).map(({ alert_id, state }) => `${alert_id} ${state}`)
    queue.giveBack()
    return all
  }
  return { queue, push, waiting, lost, settled }
}

describe('alerts that wait', () => {
  it('are told in order, and settled when they are', () => {
    const { queue, push, settled, waiting } = queueOf(10)
    push(...episode('a'), ...episode('b'))
    expect(queue.take(4)).toHaveLength(4)
    expect(settled).toEqual([])
    queue.giveBack()
    expect(waiting()).toHaveLength(6)
    queue.take(4)
    queue.done()
    expect(settled).toHaveLength(4)
    expect(waiting()).toEqual(['b update', 'b resolved'])
  })

  it('give up updates first, then what is over, then the oldest', () => {
    const { push, waiting, lost } = queueOf(4)
    push(...episode('a'), ...episode('b').slice(0, 2))
    expect(lost).toEqual(['update_dropped'])
    expect(waiting()).toEqual(['a open', 'a resolved', 'b open', 'b update'])
    push(...episode('c').slice(0, 1))
    expect(waiting()).toEqual(['a open', 'a resolved', 'b open', 'c open'])
    push(...episode('d').slice(0, 1))
    expect(waiting()).toEqual(['b open', 'c open', 'd open'])
    push(...episode('e').slice(0, 1), ...episode('f').slice(0, 1))
    expect(waiting()).toEqual(['c open', 'd open', 'e open', 'f open'])
    expect(lost).toEqual(['update_dropped', 'update_dropped', 'pair_collapsed', 'pair_collapsed', 'dropped'])
  })

  it('are not given up while they are being told', () => {
    const { queue, push, lost, waiting } = queueOf(3)
    push(...episode('a'))
    expect(queue.take(2).map(({ state }) => state)).toEqual(['open', 'update'])
    push(alertOf({ alert_id: 'b' }))
    expect(lost).toEqual(['dropped'])
    queue.done()
    expect(waiting()).toEqual(['b open'])
  })

  it('are never more than so many, all accounted for, and of each alert in order', () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.record({ push: fc.nat(8), state: fc.nat(2) }) },
        { weight: 1, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 4 }), works: fc.boolean() }) },
      ),
      { maxLength: 200 },
    )
    fc.assert(
      fc.property(steps, fc.integer({ min: 5, max: 12 }), (all, most) => {
        const { queue, push, lost, settled } = queueOf(most)
        const told: Alert[] = []
        let pushed = 0
        for (const step of all) {
          if ('push' in step) {
            const state = (['open', 'update', 'resolved'] as const)[step.state] ?? 'open'
            push(alertOf({ alert_id: `a${step.push}`, state, bad: pushed++ }))
          } else {
            const taken = queue.take(step.take)
            // What comes meanwhile.
            push(alertOf({ alert_id: 'meanwhile', state: 'update', bad: pushed++ }))
            if (step.works) {
              told.push(...taken)
              queue.done()
            } else queue.giveBack()
          }
          expect(queue.size).toBeLessThanOrEqual(most)
          expect(told.length + lost.length + queue.size).toBe(pushed)
          expect(settled.length).toBe(told.length + lost.length)
          expect(new Set(settled).size).toBe(settled.length)
        }
        expect(told.map(({ bad }) => bad)).toEqual(
          told.map(({ bad }) => bad).toSorted((one, other) => one - other),
        )
      }),
    )
  })
})
