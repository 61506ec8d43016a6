import { ClosedError } from '@hivetap/bpf'
import { describe, expect, it } from 'vitest'
import type { NodePod } from './model/node-pod.js'
import { PodSelector } from './model/select/pod-selector.js'
import { PodFilter } from './pod-filter.js'

const id = (letter: string) => letter.repeat(64)
const pod = (uid: string, fields: Partial<NodePod> = {}): NodePod => ({
  namespace: 'shop',
  name: uid,
  uid,
  cgroupUids: [uid],
  node: 'n1',
  labels: new Map([['app', 'a']]),
  labelsCut: false,
  workload: { kind: 'Pod', name: uid },
  isOver: false,
  containers: [],
  ...fields,
})
const containers = (...names: readonly [name: string, letter: string][]): NodePod['containers'] =>
  names.map(([name, letter]) => ({ name, kind: 'main', runs: [{ id: id(letter), image: 'i' }] }) as never)
const ofPod = (podUid: string) => ({ kind: 'pod', podUid }) as const
const ofContainer = (podUid: string, letter: string) =>
  ({ kind: 'container', podUid, containerId: id(letter) }) as const

/** A tool that has been told which cgroups are wanted. */
function gateOf(filter: PodFilter, already: readonly bigint[] = []) {
  const wanted = new Set(already)
  let isOpen = true
  const change = (how: 'add' | 'delete') => (key: bigint) => {
    if (!isOpen) throw new ClosedError('the map')
    wanted[how](key)
  }
  filter.admit({
    wantCgroup: change('add'),
    unwantCgroup: change('delete'),
    wantedCgroups: () => [...wanted],
  })
  const close = () => {
    isOpen = false
  }
  return { wanted: () => [...wanted].map(Number).sort(), close }
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
    expect(filter.wants(ofContainer('a', 'a'))).toBe(true)
    expect(filter.wants(ofContainer('a', 'b'))).toBe(false)
    expect(filter.wants(ofContainer('a', 'c'))).toBe(true)
    expect(filter.wants(ofContainer('b', 'a'))).toBe(false)
  })

  it('knows a static pod by the UID that its cgroup has', () => {
    const filter = new PodFilter(new PodSelector({ pods: ['etcd'] }))
    filter.podPut(pod('etcd', { cgroupUids: ['etcd', 'f00d'] }))
    expect(filter.wants(ofPod('f00d'))).toBe(true)
    filter.podRemoved(pod('etcd', { cgroupUids: ['etcd', 'f00d'] }))
    expect(filter.wants(ofPod('f00d'))).toBe(false)
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

  it('wants nothing of hosts, and nothing that cannot be told', () => {
    const filter = new PodFilter(new PodSelector({ namespaces: ['shop'] }))
    for (const owner of [undefined, { kind: 'host' }, { kind: 'container', containerId: id('a') }] as const)
      expect(filter.wants(owner)).toBe(false)
  })

  it('follows so many cgroups at most, and counts the others', () => {
    const filter = new PodFilter(new PodSelector({ namespaces: ['shop'] }))
    for (let index = 0; index < 16_390; index++) filter.cgroupMade(BigInt(index), ofPod('a'))
    expect(filter.overflow).toBe(6)
  })
})
