import { describe, expect, it } from 'vitest'
import { bpf_map_type } from '../sys/abi.generated.js'
import { isBufferKind, isPerCpu, MAP_KINDS, mapKindNumber } from './map-kind.js'

describe('kinds of map', () => {
  // The numbers are read from the BTF of a kernel (sys/abi.btf).
  it.each(Object.entries(bpf_map_type))('%s has its number', (name, number) => {
    const kind = name.replace('BPF_MAP_TYPE_', '').toLowerCase()
    // Newer names of the kernel for what was called otherwise before.
    const known = {
      cgroup_storage_deprecated: 'cgroup_storage',
      percpu_cgroup_storage_deprecated: 'percpu_cgroup_storage',
    }
    const ours = MAP_KINDS[number]
    if (ours !== undefined) expect([kind, Reflect.get(known, kind)]).toContain(ours)
    else expect(number).toBeGreaterThanOrEqual(MAP_KINDS.length)
  })

  it('are numbered without a hole, from 0 for none', () => {
    expect(MAP_KINDS.map(mapKindNumber)).toEqual(MAP_KINDS.map((_, number) => number))
    expect(mapKindNumber('unspec')).toBe(0)
    expect(mapKindNumber('ringbuf')).toBe(bpf_map_type.BPF_MAP_TYPE_RINGBUF)
  })

  it('have a value for each CPU if they say so', () => {
    expect(MAP_KINDS.filter(isPerCpu)).toEqual(MAP_KINDS.filter((kind) => kind.includes('percpu')))
  })

  it('carry records if they are one of the two that do', () => {
    expect(MAP_KINDS.filter(isBufferKind)).toEqual(['perf_event_array', 'ringbuf'])
  })
})
