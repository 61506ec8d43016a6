import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignmentOf, partitionsOf, shareOut, subscriptionOf, topicsOf } from './assignment.js'

describe('partitions shared out', () => {
  it('are each given to one member, to all about as many', () => {
    const names = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(names, fc.nat(50), (members, count) => {
        const shares = [...shareOut(members, count).values()]
        expect(shares.flat().sort((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, index) => index),
        )
        const sizes = shares.map(({ length }) => length)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('are told as other consumers tell them', () => {
    // ConsumerProtocolSubscription and ConsumerProtocolAssignment, version 0.
    expect(subscriptionOf('ab').toString('hex')).toBe('000000000001000261' + '62ffffffff')
    expect(assignmentOf('ab', [3]).toString('hex')).toBe('0000000000010002616200000001' + '00000003ffffffff')
    expect(topicsOf(subscriptionOf('events'))).toEqual(['events'])
    expect(partitionsOf(assignmentOf('events', [0, 7]), 'events')).toEqual([0, 7])
    expect(partitionsOf(assignmentOf('others', [0, 7]), 'events')).toEqual([])
    expect(partitionsOf(Buffer.alloc(0), 'events')).toEqual([])
  })
})
