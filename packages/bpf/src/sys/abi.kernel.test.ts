import { expect, it } from 'vitest'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import type { Btf } from '../btf/btf.js'
import type { BtfComposite } from '../btf/btf-type.js'
import { openKernelBtf } from '../features/kernel-btf.js'
import {
  bpf_attach_type,
  bpf_btf_info,
  bpf_cmd,
  bpf_map_info,
  bpf_map_type,
  bpf_prog_info,
  bpf_prog_type,
  perf_event_attr,
  perf_event_header,
  perf_event_mmap_page,
  perf_event_type,
} from './abi.generated.js'
import type { FieldLayout, StructLayout } from './struct.js'

const kernel = openKernelBtf()

/** Structs and enums that have names, in the kernel as here. */
const STRUCTS: readonly (readonly [string, StructLayout])[] = Object.entries({
  bpf_map_info,
  bpf_prog_info,
  bpf_btf_info,
  perf_event_attr,
  perf_event_mmap_page,
  perf_event_header,
})
const ENUMS: readonly (readonly [string, Readonly<Record<string, number>>])[] = Object.entries({
  bpf_cmd,
  bpf_map_type,
  bpf_prog_type,
  bpf_attach_type,
  perf_event_type,
})

/** Where a struct's members lie in bits, those of anonymous structs and unions within it too. */
function placesOf(btf: Btf, type: BtfComposite, base = 0): Map<string, number> {
  const places = new Map<string, number>()
  for (const member of type.members) {
    const { type: inner } = btf.resolve(member.type)
    if (member.name !== '') places.set(member.name, base + member.bitOffset)
    else if (inner.kind === 'struct' || inner.kind === 'union')
      for (const [name, place] of placesOf(btf, inner, base + member.bitOffset)) places.set(name, place)
  }
  return places
}

const bitOf = (field: FieldLayout) => field.offset * 8 + ('bit' in field ? field.bit : 0)

describeKernelIf(kernel !== undefined)('the generated layouts', () => {
  it.each(STRUCTS)('of struct %s are those of this kernel, as far as it has the members', (name, layout) => {
    const found = kernel?.find('struct', name)
    if (kernel === undefined || found === undefined) throw new Error(`the kernel has no ${name}`)
    const places = placesOf(kernel, found.type)
    // What is reserved shrinks as members come.
    const common = Object.entries(layout.fields).filter(
      ([field]) => places.has(field) && !field.startsWith('__reserved'),
    )
    expect(common.map(([field, at]) => [field, bitOf(at)])).toEqual(
      common.map(([field]) => [field, places.get(field)]),
    )
    expect(common.length).toBeGreaterThan(2)
  })

  it.each(ENUMS)('of enum %s are those of this kernel, as far as it has the names', (name, ours) => {
    const found = kernel?.find('enum', name)
    const theirs = new Map(found?.type.enumerators.map((entry) => [entry.name, Number(entry.value)]))
    const common = Object.keys(ours).filter((entry) => theirs.has(entry))
    expect(common.map((entry) => [entry, ours[entry]])).toEqual(
      common.map((entry) => [entry, theirs.get(entry)]),
    )
    expect(common.length).toBeGreaterThan(5)
  })
})
