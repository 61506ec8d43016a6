import { describe, expect, it } from 'vitest'
import type { CgroupOwner } from '../identity/cgroup-owner.js'
import type { ProcessSource } from '../identity/process/process-identity.js'
import { Identifier } from './identifier.js'
import type { ClusterNames, FarEnd, PodIdentity } from './whose.js'

interface Made {
  readonly timeNs: number
  readonly cgroup: bigint
}

const CONTAINER: CgroupOwner = {
  kind: 'container',
  containerId: 'c'.repeat(64),
  podUid: '011fdc60-6b49-4af7-9b06-73b1566a4f76',
}
const HOST: CgroupOwner = { kind: 'host' }
const POD: PodIdentity = {
  namespace: 'shop',
  name: 'checkout-1',
  uid: '011fdc60-6b49-4af7-9b06-73b1566a4f76',
  node: 'n1',
  labels: {},
  workload: { kind: 'Deployment', name: 'checkout' },
}
const SERVICE: FarEnd = { service: { namespace: 'shop', name: 'cart' } }
const TOOL = {
  namedBy: {
    pid: () => 7,
    cgroup: ({ cgroup }: Made) => cgroup,
    address: () => '10.0.0.1',
    port: () => 80,
  },
  timeNs: ({ timeNs }: Made) => timeNs,
}

const NO_PROCESSES = { of: () => undefined }

/** Owners by cgroup, and a cluster that knows the pod from a time on. */
function identifierOf({ podFromMs = 0, processes = NO_PROCESSES as ProcessSource } = {}) {
  const asked: number[] = []
  const owners = { ownerOf: (cgroup: bigint) => [undefined, HOST, CONTAINER][Number(cgroup)] }
  const cluster: ClusterNames = {
    podOf: (uid, containerId, timeMs) =>
      uid === POD.uid && containerId === 'c'.repeat(64) && timeMs >= podFromMs ? POD : undefined,
    farEnd: (address, port, timeMs) => {
      asked.push(timeMs)
      return address === '10.0.0.1' && port === 80 ? SERVICE : undefined
    },
  }
  const clock = { measure: () => {}, milliseconds: (ns: number) => ns / 1e6 }
  const identifier = new Identifier(owners, processes, cluster, clock)
  return { identifier, identify: identifier.of(TOOL), asked }
}

describe('Identifier', () => {
  it('names the pod, and what it connects to, as of the event’s time', () => {
    const { identify, identifier, asked } = identifierOf({ podFromMs: 10 })
    expect(identify({ timeNs: 20e6, cgroup: 2n })).toEqual({
      process: undefined,
      source: { owner: CONTAINER, pod: POD },
      farEnd: SERVICE,
    })
    expect(identify({ timeNs: 5e6, cgroup: 2n }).source).toEqual({ owner: CONTAINER })
    expect(asked).toEqual([20, 5])
    expect(identifier.counters).toEqual({ events: 2, unknownProgram: 0, unknownCgroup: 0, unresolvedPod: 1 })
  })

  it('tells the same names by the same object, and others by another', () => {
    const { identify } = identifierOf({ podFromMs: 10 })
    const before = identify({ timeNs: 5e6, cgroup: 2n }).source
    const named = identify({ timeNs: 20e6, cgroup: 2n }).source
    expect(identify({ timeNs: 5e6, cgroup: 2n }).source).toBe(before)
    expect(identify({ timeNs: 30e6, cgroup: 2n }).source).toBe(named)
    expect(before).not.toBe(named)
  })

  it('counts an event once, however many columns ask', () => {
    const { identify, identifier } = identifierOf()
    const event = { timeNs: 0, cgroup: 0n }
    for (let column = 0; column < 4; column++) expect(identify(event).source).toBeUndefined()
    identify({ timeNs: 0, cgroup: 1n })
    expect(identifier.counters).toEqual({ events: 2, unknownProgram: 0, unknownCgroup: 1, unresolvedPod: 0 })
  })

  it('asks which process it was, of tools that tell when theirs began', () => {
    const asked: unknown[][] = []
    const process = { start: '2026-11-28T05:00:00.123Z' }
    const processes = {
      of: (...of: unknown[]) => {
        asked.push(of)
        return process
      },
    }
    const { identifier } = identifierOf({ processes })
    const { namedBy, timeNs } = TOOL
    expect(identifier.of(TOOL)({ timeNs: 5, cgroup: 1n }).process).toBeUndefined()
    const mark = { processStartNs: 77, argumentsAt: 88 }
    const told = { namedBy: { ...namedBy, process: () => mark }, timeNs }
    expect(identifier.of(told)({ timeNs: 5, cgroup: 1n }).process).toBe(process)
    expect(asked).toEqual([[namedBy.pid(), mark, 5]])
    expect(identifier.counters.unknownProgram).toBe(1)
  })

  it('leaves pods alone outside Kubernetes', () => {
    const clock = { measure: () => {}, milliseconds: () => 0 }
    const identifier = new Identifier({ ownerOf: () => CONTAINER }, NO_PROCESSES, undefined, clock)
    expect(identifier.of(TOOL)({ timeNs: 0, cgroup: 0n })).toEqual({
      process: undefined,
      source: { owner: CONTAINER },
      farEnd: undefined,
    })
    expect(identifier.counters.unresolvedPod).toBe(1)
  })
})
