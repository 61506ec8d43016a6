import { describe, expect, it } from 'vitest'
import { planCgroups } from '../probes/cgroup-plan.js'
import { execsnoop } from '../probes/execsnoop/execsnoop.bpf.js'
import type { KeptObject, ToolParts } from '../probes/keeper.js'
import { tcpconnect } from '../probes/tcpconnect/tcpconnect.bpf.js'
import { tcpconnlat } from '../probes/tcpconnlat/tcpconnlat.bpf.js'
import { canonical, identityOf, layoutOf } from './identity.js'

const PLACEMENT = { rung: 'tp_btf', buffer: 'ringbuf', sizes: { entries: 8, bufferBytes: 4096 } } as const

const parts = (change: Partial<ToolParts> = {}): ToolParts => ({
  object: tcpconnlat,
  given: { constants: { pid: 1, failures: true }, programs: ['stateTpBtf'] },
  filters: {},
  cgroups: planCgroups({}, PLACEMENT, { typedTask: false, hooks: 1 }),
  programs: ['stateTpBtf'],
  ...change,
})

describe('the identity of a tool', () => {
  const same = identityOf('tcpconnlat', { pid: 1, failed: true }, parts(), PLACEMENT)

  it('is the same whatever the order of what it was given, and whatever has no value', () => {
    const given = { programs: ['stateTpBtf'], constants: { failures: true, pid: 1, user: undefined } }
    expect(
      identityOf('tcpconnlat', { failed: true, uid: undefined, pid: 1 }, parts({ given }), PLACEMENT),
    ).toBe(same)
  })

  it.each<readonly [string, object, Partial<ToolParts>, object]>([
    ['an option', { pid: 1, failed: false }, {}, {}],
    ['a constant', { pid: 1, failed: true }, { given: { constants: { pid: 2 } } }, {}],
    ['an object file', { pid: 1, failed: true }, { object: execsnoop as unknown as KeptObject }, {}],
    ['a cgroup', { pid: 1, failed: true }, { filters: { cgroup: '/' } }, {}],
    ['the programs', { pid: 1, failed: true }, { programs: ['stateRawTp'] }, {}],
    ['the rung', { pid: 1, failed: true }, {}, { rung: 'raw_tp' }],
    ['the sizes', { pid: 1, failed: true }, {}, { sizes: { entries: 9, bufferBytes: 4096 } }],
  ])('is another by %s', (_, options, change, placement) => {
    expect(identityOf('tcpconnlat', options, parts(change), { ...PLACEMENT, ...placement })).not.toBe(same)
  })

  it('orders a list as it is', () => {
    expect(canonical([2, 1, { b: 1n, a: [null] }])).toBe('[2,1,{"a":[null],"b":"1"}]')
  })
})

describe('the layout of a tool’s events', () => {
  it('is that of its types, whatever else its object does', () => {
    expect(layoutOf(tcpconnlat.spec())).toBe(layoutOf(tcpconnlat.spec()))
    // Both tell of connects.
    expect(layoutOf(tcpconnect.spec())).toBe(layoutOf(tcpconnlat.spec()))
    expect(layoutOf(execsnoop.spec())).not.toBe(layoutOf(tcpconnlat.spec()))
  })
})
