import { afterEach, expect, it } from 'vitest'
import { BuiltProcess } from '../../../../test/support/built.js'
import { keysOfBucket } from '../../../../test/support/jenkins.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { mapId } from '../../../../test/support/kernel-info.js'
import { u32 } from '../bindings/scalars.js'
import type { Codec } from '../btf/value-codec.js'
import { SystemCallError } from '../errors.js'
import type { MapKind } from '../spec/map-kind.js'
import { bpf_attr_batch, bpf_map_flags } from '../sys/abi.generated.js'
import { type BpfCall, type BpfCommand, interposeBpf } from '../sys/bpf.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import type { Memory } from '../sys/memory.js'
import { BpfMap } from './bpf-map.js'
import { createMap } from './create-map.js'

const EINTR = 4
const EINVAL = 22
const ENOSPC = 28

const opened: { close(): void }[] = []

afterEach(() => {
  for (const each of opened.splice(0).reverse()) each.close()
})

function interpose(before: (real: BpfCall, command: BpfCommand, attributes: Memory) => number): void {
  opened.push({ close: interposeBpf(before) })
}

function withoutBatches(): void {
  interpose((real, command, attributes) => (command.endsWith('_BATCH') ? -EINVAL : real(command, attributes)))
}

function create<K = number>(
  kind: MapKind,
  maxEntries: number,
  flags = 0,
  key: Codec<K> = u32 as unknown as Codec<K>,
): BpfMap<K, number> {
  const fd = new FileDescriptor(
    createMap({ name: 'tested', kind, keySize: key.size, valueSize: u32.size, maxEntries, flags }),
    'map tested',
  )
  opened.push(fd)
  return new BpfMap(fd, { name: 'tested', keySize: key.size, maxEntries }, key, u32)
}

const WAYS = ['by batches', 'one by one'] as const
const choose = (way: (typeof WAYS)[number]) => (way === 'one by one' ? withoutBatches() : undefined)
const upTo = (end: number) => Array.from({ length: end }, (_, index) => index)

describeKernel('the entries of a hash', () => {
  it.each([
    ['first', 0],
    ['middle', 500],
    ['last', 1023],
  ])('are all told where its %s bucket holds more than a batch has room for', (_which, bucket) => {
    // The kernel says ENOSPC of such a bucket: in the middle of a map that was an error, at its beginning a slower way.
    const map = create('hash', 1024, bpf_map_flags.BPF_F_ZERO_SEED)
    const crowded = keysOfBucket(bucket, 1024, 700)
    const others = keysOfBucket((bucket + 1) % 1024, 1024, 100)
    const keys = [...crowded, ...others, ...keysOfBucket((bucket + 512) % 1024, 1024, 100)]
    for (const key of keys) map.set(key, key + 1)
    const results: number[] = []
    interpose((real, command, attributes) => {
      const result = real(command, attributes)
      if (command === 'BPF_MAP_LOOKUP_BATCH') results.push(result)
      return result
    })
    const entries = [...map.entries()]
    expect(entries).toHaveLength(keys.length)
    expect(new Map(entries)).toEqual(new Map(keys.map((key) => [key, key + 1])))
    // Where the kernel has no batches, there was nothing to see.
    if (results[0] !== -EINVAL) expect(results).toContain(-ENOSPC)
  })

  it.each(WAYS)('are all told to whoever deletes them meanwhile, %s', (way) => {
    choose(way)
    const map = create('hash', 1000)
    for (const key of upTo(1000)) map.set(key, key)
    const seen: number[] = []
    for (const [key] of map.entries()) {
      seen.push(key)
      map.delete(key)
    }
    expect(seen.toSorted((a, b) => a - b)).toEqual(upTo(1000))
    expect([...map.entries()]).toEqual([])
  })

  it.each(WAYS)('that stay are told once while others come and go, %s', async (way) => {
    choose(way)
    const stable = 500
    const map = create('hash', 1000)
    for (const key of upTo(stable)) map.set(key, key * 7)
    const writer = new BuiltProcess(`
      const { bpf } = await import(dist + 'sys/bpf.js')
      const { packStruct } = await import(dist + 'sys/struct.js')
      const { allocate } = await import(dist + 'sys/memory.js')
      const { bpf_attr_get_id, bpf_attr_map_elem } = await import(dist + 'sys/abi.generated.js')
      const map_fd = bpf('BPF_MAP_GET_FD_BY_ID', packStruct(bpf_attr_get_id, { map_id: ${mapId(map.fileDescriptor)} }))
      const key = allocate(4)
      const value = allocate(4)
      let ended = false
      process.stdin.on('data', () => { ended = true })
      answer('begun')
      let changes = 0
      while (!ended) {
        for (let count = 0; count < 1000; count++, changes++) {
          key.view.setUint32(0, ${stable} + (changes * 17) % 400, true)
          const command = changes % 3 === 2 ? 'BPF_MAP_DELETE_ELEM' : 'BPF_MAP_UPDATE_ELEM'
          bpf(command, packStruct(bpf_attr_map_elem, { map_fd, key, ...(command === 'BPF_MAP_DELETE_ELEM' ? {} : { value }) }))
        }
        await new Promise(setImmediate)
      }
      process.stdin.destroy()
      answer(changes)`)
    try {
      await writer.answer()
      for (let round = 0; round < 50; round++) {
        const entries = [...map.entries()]
        const keys = entries.map(([key]) => key)
        expect(new Set(keys).size).toBe(keys.length)
        const stayed = entries.filter(([key]) => key < stable).toSorted(([a], [b]) => a - b)
        expect(stayed).toEqual(upTo(stable).map((key) => [key, key * 7]))
      }
      writer.tell()
      expect(await writer.answer(1)).toBeGreaterThan(1000)
      await writer.end()
    } finally {
      await writer.kill()
    }
  })

  it('are told once where the kernel begins anew because a key is gone, as often as that is', () => {
    // A walk was as many steps long as the map has room: after beginning anew, it ended before it had met the rest.
    withoutBatches()
    const map = create('hash', 64)
    for (const key of upTo(64)) map.set(key, key)
    let lost: number | undefined
    let steps = 0
    interpose((real, command, attributes) => {
      if (command !== 'BPF_MAP_GET_NEXT_KEY') return real(command, attributes)
      steps++
      const key = lost
      lost = undefined
      // Between two steps somebody deletes the key that the walk is at, and puts it in again.
      if (key !== undefined) map.delete(key)
      const result = real(command, attributes)
      if (key !== undefined) map.set(key, key)
      return result
    })
    const seen: number[] = []
    for (const [key] of map.entries()) {
      seen.push(key)
      if (seen.length % 16 === 0) lost = key
    }
    expect(seen.toSorted((a, b) => a - b)).toEqual(upTo(64))
    // To each sixteenth, and from the first again.
    expect(steps).toBeGreaterThan(16 + 32 + 48 + 64)
  })

  it('are given up with an error, not silently, where keys go faster than they can be read', () => {
    withoutBatches()
    const map = create('hash', 16)
    for (const key of upTo(16)) map.set(key, key)
    const first = [...map.entries()][0]
    interpose((real, command, attributes) => {
      // The kernel never gets beyond its first key.
      if (command !== 'BPF_MAP_GET_NEXT_KEY') return real(command, attributes)
      attributes.view.setBigUint64(8, 0n, true)
      return real(command, attributes)
    })
    const entries = map.entries()
    expect(entries.next().value).toEqual(first)
    expect(() => entries.next()).toThrow(SystemCallError)
    expect(() => [...map.entries()]).toThrow(
      'Cannot read map tested, it changes faster than it can be read: EAGAIN',
    )
  })

  it('are told also where the key has bytes that its type passes over', () => {
    // One by one, an entry was looked up by its decoded key, and left out where that is not the whole key.
    const half: Codec<number> = {
      size: 8,
      read: (view, at) => view.getUint32(at, true),
      write: (view, at, value) => view.setUint32(at, value, true),
    }
    const whole: Codec<bigint> = {
      size: 8,
      read: (view, at) => view.getBigUint64(at, true),
      write: (view, at, value) => view.setBigUint64(at, value, true),
    }
    const map = create('hash', 16, 0, whole)
    map.set(0xffff_ffff_0000_0001n, 1)
    map.set(0x0000_0007_0000_0002n, 2)
    const seen = new BpfMap(
      new FileDescriptor(map.fileDescriptor, 'map'),
      { name: 'tested', keySize: 8, maxEntries: 16 },
      half,
      u32,
    )
    const expected = [
      [1, 1],
      [2, 2],
    ]
    expect([...seen.entries()].toSorted(([a], [b]) => a - b)).toEqual(expected)
    withoutBatches()
    expect([...seen.entries()].toSorted(([a], [b]) => a - b)).toEqual(expected)
  })
})

describeKernel('a batch that a signal interrupts', () => {
  it('is asked for again as it was, and nothing is lost or told twice', () => {
    // The kernel writes the count that it got to before it says EINTR; repeated with that, nothing was read.
    const map = create('array', 1000)
    for (const key of upTo(1000)) map.set(key, key)
    let calls = 0
    interpose((real, command, attributes) => {
      if (command !== 'BPF_MAP_LOOKUP_BATCH' || calls++ % 2 === 1) return real(command, attributes)
      attributes.view.setUint32(bpf_attr_batch.fields.count.offset, 0, true)
      return -EINTR
    })
    expect([...map.entries()]).toEqual(upTo(1000).map((key) => [key, key]))
    expect(calls).toBeGreaterThan(2)
  })
})

describeKernel('entries that cannot be read', () => {
  it.each([
    ['the first time', 1],
    ['later on', 3],
  ])('are an error, %s', (_when, failing) => {
    const map = create('array', 1000)
    let calls = 0
    interpose((real, command, attributes) =>
      command === 'BPF_MAP_LOOKUP_BATCH' && ++calls === failing ? -5 : real(command, attributes),
    )
    expect(() => [...map.entries()]).toThrow('Cannot read map tested: EIO')
  })

  it('one by one are an error, too', () => {
    const map = create('array', 1000)
    interpose((real, command, attributes) => {
      if (command === 'BPF_MAP_LOOKUP_BATCH') return -EINVAL
      return command === 'BPF_MAP_GET_NEXT_KEY' ? -5 : real(command, attributes)
    })
    expect(() => [...map.entries()]).toThrow('Cannot read map tested: EIO')
    expect(map.get(1)).toBe(0)
  })
})
