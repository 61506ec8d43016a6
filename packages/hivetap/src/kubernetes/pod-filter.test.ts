import { describe, expect, it } from 'vitest'
import { StandInGate } from '../../../../test/support/cgroup-gate.js'
import {
  podContainers as containers,
  containerId as id,
  ofContainer,
  ofPod,
  nodePod as pod,
} from '../../../../test/support/kubernetes/node-pods.js'
import { PodSelector } from './model/select/pod-selector.js'
import { PodFilter } from './pod-filter.js'

/** A tool that has been told which cgroups are wanted. */
function gateOf(filter: PodFilter, already: readonly bigint[] = []) {
  const gate = new StandInGate(already.map((key) => [key, 'wanted'] as const))
  filter.admit(gate)
  return { gate, wanted: () => gate.wantedCgroups().map(Number), close: () => gate.close() }
}

describe('PodFilter', () => {
  it('wants the cgroup of a pod that is asked for, whichever of the two comes first', () => {
    const filter = new PodFilter(new PodSelector({ namespaces: ['shop'] }))
    const { wanted } = gateOf(filter)
    filter.cgroupMade(1n, ofPod('a'))
    expect(wanted()).toEqual([])
    filter.podPut(pod('a'))
    filter.podPut(pod('b'))
    filter.cgroupMade(2n, ofPod('b'))
    filter.podPut(pod('c', { namespace: 'other' }))
    filter.cgroupMade(3n, ofPod('c'))
    filter.cgroupMade(4n, { kind: 'unit', unit: 'nginx.service' })
    expect(wanted()).toEqual([1, 2])
  })

  it('ends with the cgroup, the pod, and its labels', () => {
    const filter = new PodFilter(new PodSelector({ labels: 'app=a' }))
    const { wanted } = gateOf(filter)
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      filter.cgroupMade(BigInt(index), ofPod(name))
      filter.podPut(pod(name))
    }
    filter.cgroupRemoved(0n)
    filter.podRemoved(pod('b'))
    expect(wanted()).toEqual([2])
    filter.podPut(pod('c', { labels: new Map([['app', 'z']]) }))
    expect(wanted()).toEqual([])
    filter.podPut(pod('c'))
    expect(wanted()).toEqual([2])
  })

  it('wants containers that are asked for, and those that are not known yet', () => {
    const filter = new PodFilter(new PodSelector({ containers: ['app'] }))
    const { wanted } = gateOf(filter)
    filter.podPut(pod('a'))
    filter.cgroupMade(1n, ofPod('a'))
    filter.cgroupMade(2n, ofContainer('a', 'a'))
    filter.cgroupMade(3n, ofContainer('a', 'b'))
    expect(wanted()).toEqual([2, 3])
    filter.podPut(pod('a', { containers: containers(['app', 'a'], ['sidecar', 'b']) }))
    expect(wanted()).toEqual([2])
    expect(filter.answer(ofContainer('a', 'a'))).toBe('wanted')
    expect(filter.answer(ofContainer('a', 'b'))).toBe('unwanted')
    expect(filter.answer(ofContainer('a', 'c'))).toBe('wanted')
    expect(filter.answer(ofContainer('b', 'a'))).toBe('unknown')
  })

  it('knows a static pod by the UID that its cgroup has', () => {
    const filter = new PodFilter(new PodSelector({ pods: ['etcd'] }))
    filter.podPut(pod('etcd', { cgroupUids: ['etcd', 'f00d'] }))
    expect(filter.answer(ofPod('f00d'))).toBe('wanted')
    filter.podRemoved(pod('etcd', { cgroupUids: ['etcd', 'f00d'] }))
    expect(filter.answer(ofPod('f00d'))).toBe('unknown')
  })

  it('tells one that comes later all of it, takes back what was wanted before, and none that was closed', () => {
    const filter = new PodFilter(new PodSelector({ namespaces: ['shop'] }))
    filter.podPut(pod('a'))
    filter.cgroupMade(1n, ofPod('a'))
    const { wanted, close } = gateOf(filter, [1n, 9n])
    expect(wanted()).toEqual([1])
    close()
    filter.cgroupRemoved(1n)
    expect(wanted()).toEqual([1])
  })

  it('knows whether it sees the cgroups of all pods that run', () => {
    const filter = new PodFilter(new PodSelector({ namespaces: ['shop'] }))
    const [runs, waits] = [pod('a', { containers: containers(['app', 'a']) }), pod('b')]
    const other = pod('c', { containers: containers(['app', 'c']) })
    filter.cgroupMade(1n, ofPod('a'))
    expect(filter.sees([])).toBe(true)
    expect(filter.sees([runs, waits])).toBe(true)
    expect(filter.sees([runs, other])).toBe(false)
    // A Job's that is done: it stays in the API, with the ids of its containers.
    expect(filter.sees([runs, { ...other, isOver: true }])).toBe(true)
  })

  it('keeps a static pod that has replaced another of the same cgroups', () => {
    const filter = new PodFilter(new PodSelector({ pods: ['etcd'] }))
    const mirror = (uid: string) => pod(uid, { name: 'etcd', cgroupUids: [uid, 'f00d'] })
    filter.podPut(mirror('old'))
    filter.podPut(mirror('new'))
    filter.podRemoved(mirror('old'))
    expect(filter.answer(ofPod('f00d'))).toBe('wanted')
    expect(filter.answer(ofPod('old'))).toBe('unknown')
  })

  it('wants nothing of hosts, and does not know what cannot be told', () => {
    const filter = new PodFilter(new PodSelector({ namespaces: ['shop'] }))
    filter.podPut(pod('z', { namespace: 'other' }))
    const answers = [
      undefined,
      { kind: 'host' },
      { kind: 'container', containerId: id('a') },
      ofPod('z'),
    ] as const
    expect(answers.map((owner) => filter.answer(owner))).toEqual([
      'unknown',
      'unwanted',
      'unwanted',
      'unwanted',
    ])
    expect(filter.answer(ofPod('never heard of'))).toBe('unknown')
  })

  it('takes over a tool that had learned, and one that had not', () => {
    const filter = new PodFilter(new PodSelector({ namespaces: ['shop'] }))
    filter.podPut(pod('a'))
    filter.cgroupMade(1n, ofPod('a'))
    const gate = new StandInGate([
      [5n, 'left_out'],
      [6n, 'wanted'],
    ])
    gate.tellOtherCgroups(true)
    filter.admit(gate)
    expect([...gate.said]).toEqual([[1n, 'wanted']])
    expect(gate.tells(7n)).toBe(false)
    filter.learn(gate)
    expect(gate.said.size).toBe(0)
    expect(gate.tells(7n)).toBe(true)
  })

  it('follows so many cgroups at most, and counts the others', () => {
    const filter = new PodFilter(new PodSelector({ namespaces: ['shop'] }))
    for (let index = 0; index < 16_390; index++) filter.cgroupMade(BigInt(index), ofPod('a'))
    expect(filter.overflow).toBe(6)
  })
})
