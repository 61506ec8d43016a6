import { SystemCallError } from '@hivetap/bpf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StandInGate } from '../../../../test/support/cgroup-gate.js'
import {
  podContainers as containers,
  ofContainer,
  ofPod,
  nodePod as pod,
} from '../../../../test/support/kubernetes/node-pods.js'
import type { CgroupOwner } from '../identity/cgroup-owner.js'
import type { NodePod } from './model/node-pod.js'
import { PodSelector } from './model/select/pod-selector.js'
import { PodFilter } from './pod-filter.js'

const HOST = { kind: 'host' } as const

/** A tool, the kernel's part of it and ours: whether an event reaches a reader, and whether the kernel alone left it out. */
function toolOf(filter: PodFilter, room = 4096, gate = new StandInGate([], room)) {
  const sawUnwanted = filter.learn(gate)
  return {
    gate,
    event: (key: bigint, owner: CgroupOwner | undefined, isSure = true): 'told' | 'behind' | 'in_kernel' => {
      if (!gate.tells(key)) return 'in_kernel'
      const answer = filter.answer(owner)
      if (answer === 'unwanted') sawUnwanted(key, () => (isSure ? owner : undefined))
      return answer === 'wanted' ? 'told' : 'behind'
    },
  }
}

const shop = () => new PodFilter(new PodSelector({ labels: 'app=a' }))
const unlabelled = (uid: string) => pod(uid, { labels: new Map() })

describe('cgroups that are learned', () => {
  it('are left out in the kernel from the second event on', () => {
    const filter = shop()
    filter.podPut(pod('a'))
    filter.podPut(unlabelled('b'))
    const { event } = toolOf(filter)
    const rounds = [1, 2, 3].map(() => [
      event(1n, ofContainer('a', 'a')),
      event(2n, ofContainer('b', 'b')),
      event(3n, HOST),
      event(4n, { kind: 'unit', unit: 'cron.service' }),
    ])
    expect(rounds[0]).toEqual(['told', 'behind', 'behind', 'behind'])
    expect(rounds[1]).toEqual(['told', 'in_kernel', 'in_kernel', 'in_kernel'])
    expect(rounds[2]).toEqual(rounds[1])
    expect(filter.learned).toEqual({ learned: 3, evicted: 0, refused: 0 })
  })

  it('are not, as long as it is not known whose they are, or the pod is not', () => {
    const filter = shop()
    filter.podPut(unlabelled('b'))
    const { event, gate } = toolOf(filter)
    for (let round = 0; round < 3; round++) {
      expect(event(1n, ofPod('not listed yet'))).toBe('behind')
      expect(event(2n, undefined)).toBe('behind')
      // By the event's process alone.
      expect(event(3n, ofPod('b'), false)).toBe('behind')
      // Of no cgroup.
      expect(event(0n, HOST)).toBe('behind')
    }
    expect(gate.said.size).toBe(0)
    filter.podPut(pod('not listed yet'))
    expect(event(1n, ofPod('not listed yet'))).toBe('told')
  })

  it('are told again when the pod is wanted, and left out again when it is not', () => {
    const filter = shop()
    filter.podPut(unlabelled('a'))
    const { event, gate } = toolOf(filter)
    const owner = ofContainer('a', 'a')
    const twice = () => [event(1n, owner), event(1n, owner)]
    expect(twice()).toEqual(['behind', 'in_kernel'])
    filter.podPut(pod('a'))
    expect(twice()).toEqual(['told', 'told'])
    filter.podPut(unlabelled('a'))
    expect(twice()).toEqual(['behind', 'in_kernel'])
    // What is gone from the API is not known any more.
    filter.podRemoved(unlabelled('a'))
    expect(twice()).toEqual(['behind', 'behind'])
    filter.podPut(unlabelled('a'))
    expect(twice()).toEqual(['behind', 'in_kernel'])
    filter.cgroupRemoved(1n)
    expect(gate.said.size).toBe(0)
  })

  it('are single containers of a pod, where some are asked for', () => {
    const filter = new PodFilter(new PodSelector({ containers: ['app'] }))
    filter.podPut(pod('a'))
    const { event } = toolOf(filter)
    const [app, sidecar] = [ofContainer('a', 'a'), ofContainer('a', 'b')]
    // Its status does not say yet which they are.
    expect([event(1n, app), event(2n, sidecar), event(2n, sidecar)]).toEqual(['told', 'told', 'told'])
    filter.podPut(pod('a', { containers: containers(['app', 'a'], ['sidecar', 'b']) }))
    expect([event(1n, app), event(2n, sidecar), event(2n, sidecar)]).toEqual(['told', 'behind', 'in_kernel'])
    expect(event(3n, ofPod('a'))).toBe('told')
  })

  it('are as many as there is room for: the first learned makes room, and is learned again', () => {
    const filter = shop()
    const { event, gate } = toolOf(filter, 2)
    for (const key of [1n, 2n, 3n]) event(key, HOST)
    expect(gate.leftOutCgroups()).toEqual([2n, 3n])
    expect(filter.learned).toEqual({ learned: 3, evicted: 1, refused: 0 })
    expect([event(1n, HOST), event(1n, HOST), event(3n, HOST)]).toEqual(['behind', 'in_kernel', 'in_kernel'])
  })

  it('are left out behind the kernel, where it does not take them', () => {
    const filter = shop()
    class Refusing extends StandInGate {
      override leaveOutCgroup(key: bigint): boolean {
        if (key === 1n) throw new SystemCallError('Cannot write', { number: 12, name: 'ENOMEM' })
        return false
      }
    }
    const { event } = toolOf(filter, 8, new Refusing())
    expect([event(1n, HOST), event(2n, HOST), event(2n, HOST)]).toEqual(['behind', 'behind', 'behind'])
    expect(filter.learned).toEqual({ learned: 0, evicted: 0, refused: 3 })
  })

  it('of a tool that was closed are none, and of one too many, which nobody follows any more', () => {
    const filter = shop()
    filter.podPut(unlabelled('a'))
    const [closed, first] = [toolOf(filter), toolOf(filter)]
    for (const { event } of [closed, first]) event(1n, ofPod('a'))
    closed.gate.close()
    filter.podPut(pod('a'))
    expect(closed.event(1n, ofPod('a'))).toBe('in_kernel')
    expect(first.event(1n, ofPod('a'))).toBe('told')
    first.event(2n, HOST)
    const others = Array.from({ length: 64 }, () => toolOf(filter))
    expect(first.gate.said.size).toBe(0)
    expect([first.event(2n, HOST), first.event(2n, HOST)]).toEqual(['behind', 'behind'])
    expect([others[63]?.event(2n, HOST), others[63]?.event(2n, HOST)]).toEqual(['behind', 'in_kernel'])
  })

  it('change nothing of what is told, whatever comes and goes', () => {
    const uid = fc.constantFrom('a', 'b', 'c')
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), uid, isAsked: fc.boolean(), knowsIds: fc.boolean() }),
      fc.record({ kind: fc.constant('remove' as const), uid }),
      fc.record({ kind: fc.constant('rmdir' as const), key: fc.integer({ min: 1, max: 7 }) }),
      fc.record({
        kind: fc.constant('event' as const),
        key: fc.integer({ min: 0, max: 7 }),
        isSure: fc.boolean(),
      }),
    )
    // A cgroup has an owner for good.
    const owners: readonly CgroupOwner[] = [
      HOST,
      { kind: 'unit', unit: 'x.service' },
      ...['a', 'b', 'c'].flatMap((name) => [ofPod(name), ofContainer(name, name)]),
    ]
    const selectors = fc.constantFrom<ConstructorParameters<typeof PodSelector>[0]>(
      { labels: 'app=a' },
      { containers: ['main'] },
      { labels: 'app=a', containers: ['main'] },
    )
    fc.assert(
      fc.property(
        selectors,
        fc.integer({ min: 1, max: 5 }),
        fc.array(step, { maxLength: 60 }),
        (asked, room, steps) => {
          const filter = new PodFilter(new PodSelector(asked))
          const { event, gate } = toolOf(filter, room)
          const known = new Map<string, NodePod>()
          for (const each of steps) {
            if (each.kind === 'put') {
              const labels = each.isAsked ? new Map([['app', 'a']]) : new Map<string, string>()
              const names = each.knowsIds ? containers([each.isAsked ? 'main' : 'other', each.uid]) : []
              known.set(each.uid, pod(each.uid, { labels, containers: names }))
              filter.podPut(known.get(each.uid) as NodePod)
            } else if (each.kind === 'remove') {
              const gone = known.get(each.uid)
              known.delete(each.uid)
              if (gone !== undefined) filter.podRemoved(gone)
            } else if (each.kind === 'rmdir') filter.cgroupRemoved(BigInt(each.key))
            else {
              const owner = owners[each.key]
              // As if the kernel left out nothing.
              const isWanted = filter.answer(owner) === 'wanted'
              expect(event(BigInt(each.key), owner, each.isSure) === 'told').toBe(isWanted)
            }
            expect(gate.said.size).toBeLessThanOrEqual(room)
            for (const key of gate.leftOutCgroups())
              expect(filter.answer(owners[Number(key)])).toBe('unwanted')
          }
        },
      ),
    )
  })
})
