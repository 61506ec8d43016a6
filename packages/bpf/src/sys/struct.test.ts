import { describe, expect, it } from 'vitest'
import {
  bpf_attr_map_create,
  bpf_attr_map_elem,
  bpf_attr_obj,
  bpf_map_info,
  perf_event_attr,
} from './abi.generated.js'
import { allocate } from './memory.js'
import { packStruct, readField } from './struct.js'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const zeros = (count: number) => '00'.repeat(count)

describe('packStruct', () => {
  it('lays numbers and names where union bpf_attr has them', () => {
    const { bytes } = packStruct(bpf_attr_map_create, {
      map_type: 1,
      key_size: 4,
      value_size: 0x0102,
      max_entries: 0x0a0b0c0d,
      map_flags: 0x80,
      map_name: 'abc',
      btf_fd: 7,
    })
    // include/uapi/linux/bpf.h: five u32, inner_map_fd, numa_node, map_name[16] at 28, map_ifindex, btf_fd at 48.
    const expected = [
      '01000000',
      '04000000',
      '02010000',
      '0d0c0b0a',
      '80000000',
      zeros(8),
      '616263',
      zeros(13),
      zeros(4),
      '07000000',
      zeros(96 - 52),
    ]
    expect(hex(bytes)).toBe(expected.join(''))
  })

  it('puts the address of memory where a pointer belongs, and holds the memory', () => {
    const key = allocate(4)
    const value = allocate(8)
    const packed = packStruct(bpf_attr_map_elem, { map_fd: 3, key, value })
    expect(packed.view.getUint32(0, true)).toBe(3)
    expect(packed.view.getBigUint64(8, true)).toBe(key.address)
    expect(packed.view.getBigUint64(16, true)).toBe(value.address)
    expect(packed.holds).toMatchObject({ key, value })
  })

  it('writes negative numbers in two’s complement', () => {
    expect(hex(packStruct(bpf_attr_map_create, { numa_node: -1 }).bytes.subarray(24, 28))).toBe('ffffffff')
    expect(hex(packStruct(bpf_attr_obj, { pathname: -2 }).bytes.subarray(0, 8))).toBe('feffffffffffffff')
  })

  it('leaves out what is undefined, and cuts text to its array', () => {
    const { bytes } = packStruct(bpf_attr_map_create, {
      key_size: undefined,
      map_name: 'a name that is longer than sixteen',
    })
    expect(hex(bytes.subarray(0, 28))).toBe(zeros(28))
    expect(Buffer.from(bytes.subarray(28, 44)).toString()).toBe('a name that is l')
    expect(hex(bytes.subarray(44))).toBe(zeros(96 - 44))
  })

  it('puts bits beside each other', () => {
    // perf_event.h: disabled is bit 0 of byte 40, exclude_idle bit 7, watermark bit 14 and thus bit 6 of byte 41.
    const { bytes } = packStruct(perf_event_attr, { disabled: 1, exclude_idle: 1, watermark: 1 })
    expect(hex(bytes.subarray(40, 48))).toBe('8140000000000000')
  })

  it('puts bits that go on into the next byte there', () => {
    // precise_ip is bits 15 and 16. Its upper bit was lost: only the byte that it begins in was written.
    expect(hex(packStruct(perf_event_attr, { precise_ip: 2 }).bytes.subarray(40, 48))).toBe(
      '0000010000000000',
    )
    expect(hex(packStruct(perf_event_attr, { precise_ip: 3 }).bytes.subarray(40, 48))).toBe(
      '0080010000000000',
    )
  })

  it('keeps bits that do not fit out of their neighbours', () => {
    expect(hex(packStruct(perf_event_attr, { disabled: 2 }).bytes.subarray(40, 48))).toBe(zeros(8))
  })
})

describe('readField', () => {
  it('reads members of one, two, four and eight bytes', () => {
    const memory = allocate(104)
    memory.bytes.set([1, 2, 3, 4, 5, 6, 7, 8], 48)
    expect(readField(bpf_map_info, memory, 'netns_dev')).toBe(Number(0x0807060504030201n))
    memory.bytes.set([0x78, 0x56, 0x34, 0x92], 4)
    expect(readField(bpf_map_info, memory, 'id')).toBe(0x92345678)
    const layout = {
      size: 4,
      fields: { byte: { offset: 1, size: 1 }, half: { offset: 2, size: 2 } },
    } as const
    const small = allocate(4)
    small.bytes.set([0, 0xfe, 0xcd, 0xab])
    expect(readField(layout, small, 'byte')).toBe(0xfe)
    expect(readField(layout, small, 'half')).toBe(0xabcd)
  })
})
