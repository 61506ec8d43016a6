import { afterEach, expect, it } from 'vitest'
import { hasCommand } from '../../../../test/support/commands.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { mapId } from '../../../../test/support/kernel-info.js'
import { dumpMap, updateByBpftool } from '../../../../test/support/map-dump.js'
import { u32 } from '../bindings/scalars.js'
import type { Codec } from '../btf/value-codec.js'
import { ClosedError, SystemCallError } from '../errors.js'
import { isPerCpu, type MapKind } from '../spec/map-kind.js'
import { bpf_map_flags } from '../sys/abi.generated.js'
import { interposeBpf } from '../sys/bpf.js'
import { possibleCpuCount } from '../sys/cpus.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { BpfMap, PerCpuMap } from './bpf-map.js'
import { createMap } from './create-map.js'

const CPUS = possibleCpuCount()

/** Twelve bytes, which is no multiple of eight: a number in front, and its double behind it. */
const pair: Codec<{ readonly one: number; readonly twice: bigint }> = {
  size: 12,
  read: (view, at) => ({ one: view.getUint32(at, true), twice: view.getBigUint64(at + 4, true) }),
  write: (view, at, { one, twice }) => {
    view.setUint32(at, one, true)
    view.setBigUint64(at + 4, twice, true)
  },
}
type Pair = ReturnType<typeof pair.read>

/** Of a trie: length of the prefix, and an address. */
const prefix: Codec<number> = {
  size: 8,
  read: (view, at) => view.getUint32(at + 4, false),
  write: (view, at, address) => {
    view.setUint32(at, 32, true)
    view.setUint32(at + 4, address, false)
  },
}

const pairOf = (one: number): Pair => ({ one, twice: BigInt(one) * 2n })
const hexOf = <T>(codec: Codec<T>, value: T): string => {
  const view = new DataView(new ArrayBuffer(codec.size))
  codec.write(view, 0, value)
  return Buffer.from(view.buffer).toString('hex')
}
/** What each CPU holds of a value: each something else. */
const ofCpus = (one: number): Pair[] => Array.from({ length: CPUS }, (_, cpu) => pairOf(one * 1000 + cpu))

const opened: { close(): void }[] = []

afterEach(() => {
  for (const each of opened.splice(0)) each.close()
})

interface Shape {
  readonly maxEntries?: number
  readonly flags?: number
  readonly key?: Codec<number>
}

function create(kind: MapKind, { maxEntries = 4096, flags, key }: Shape = {}) {
  const keys = key ?? (kind === 'lpm_trie' ? prefix : u32)
  const fd = new FileDescriptor(
    createMap({
      name: 'tested',
      kind,
      keySize: keys.size,
      valueSize: pair.size,
      maxEntries,
      flags: flags ?? (kind === 'lpm_trie' ? bpf_map_flags.BPF_F_NO_PREALLOC : 0),
    }),
    'map tested',
  )
  opened.push(fd)
  return { fd, info: { name: 'tested', keySize: keys.size, maxEntries }, keys }
}

function createSingle(kind: MapKind, shape?: Shape): BpfMap<number, Pair> {
  const { fd, info, keys } = create(kind, shape)
  return new BpfMap(fd, info, keys, pair)
}

function createPerCpu(kind: MapKind, shape?: Shape): PerCpuMap<number, Pair> {
  const { fd, info, keys } = create(kind, shape)
  return new PerCpuMap(fd, info, keys, pair)
}

/** A map of either sort as one of numbers: what a key holds is made from a number. */
function numbersOf(kind: MapKind, shape?: Shape) {
  if (isPerCpu(kind)) {
    const map = createPerCpu(kind, shape)
    return {
      map,
      set: (key: number, one: number) => map.set(key, ofCpus(one)),
      expected: (one: number): unknown => ofCpus(one),
      hex: (one: number) => ofCpus(one).map((each) => hexOf(pair, each)),
    }
  }
  const map = createSingle(kind, shape)
  return {
    map,
    set: (key: number, one: number) => map.set(key, pairOf(one)),
    expected: (one: number): unknown => pairOf(one),
    hex: (one: number) => [hexOf(pair, pairOf(one))],
  }
}

const HASHES: readonly MapKind[] = ['hash', 'lru_hash', 'percpu_hash', 'lru_percpu_hash', 'lpm_trie']
const ARRAYS: readonly MapKind[] = ['array', 'percpu_array']
const KINDS = [...HASHES, ...ARRAYS]

/** Without the batches of Linux 5.6. */
function withoutBatches(): void {
  const restore = interposeBpf((real, command, attributes) =>
    command.endsWith('_BATCH') ? -22 : real(command, attributes),
  )
  opened.push({ close: restore })
}

describeKernel.each(KINDS)('a map of kind %s', (kind) => {
  const keyHex = (key: number) => hexOf(kind === 'lpm_trie' ? prefix : u32, key)

  it.skipIf(!hasCommand('bpftool'))('holds what was put into it, as bpftool sees it', () => {
    const { map, set, expected, hex } = numbersOf(kind)
    for (const [key, one] of [
      [3, 30],
      [1, 10],
      [2, 20],
      [1, 11],
    ] as const)
      set(key, one)
    const dumped = dumpMap(mapId(map.fileDescriptor))
    expect([1, 2, 3].map((key) => dumped.get(keyHex(key)))).toEqual([hex(11), hex(20), hex(30)])
    expect([1, 2, 3].map((key) => map.get(key))).toEqual([expected(11), expected(20), expected(30)])
  })

  it.skipIf(!hasCommand('bpftool'))('gives what bpftool put into it', () => {
    const { map } = numbersOf(kind)
    updateByBpftool(mapId(map.fileDescriptor), keyHex(7), hexOf(pair, pairOf(70)))
    // It gives each CPU the same.
    expect(map.get(7)).toEqual(isPerCpu(kind) ? Array(CPUS).fill(pairOf(70)) : pairOf(70))
  })

  it.each(['by batches', 'one by one'])('gives all its entries, each once, %s', (way) => {
    if (way === 'one by one') withoutBatches()
    for (const count of [0, 1, 255, 256, 257, 512, 700]) {
      if (ARRAYS.includes(kind) && count === 0) continue
      const { map, set, expected } = numbersOf(kind, {
        // An LRU map gives up entries before it is full; an array has as many as it has room for.
        maxEntries: ARRAYS.includes(kind) ? count : 4096,
      })
      for (let key = 0; key < count; key++) set(key, key * 3)
      const entries = [...map.entries()].toSorted(([a], [b]) => a - b)
      expect(entries).toEqual(Array.from({ length: count }, (_, key) => [key, expected(key * 3)]))
      map.close()
    }
  })

  // Before Linux 6.13 a trie passes both over.
  it.skipIf(kind === 'lpm_trie')('takes a value that is there only if it may, and one that is not', () => {
    const { map } = numbersOf(kind)
    const value = isPerCpu(kind) ? ofCpus(1) : pairOf(1)
    const put = (mode: 'create' | 'replace') => (map as BpfMap<number, unknown>).set(5, value, mode)
    const array = ARRAYS.includes(kind)
    // Every place of an array is there from the beginning.
    if (!array) {
      expect(() => put('replace')).toThrow('Cannot write to map tested: ENOENT')
      put('create')
    }
    expect(() => put('create')).toThrow('Cannot write to map tested: EEXIST')
    put('replace')
    expect(map.get(5)).toEqual(value)
  })

  it('says nothing of a key that it does not have', () => {
    const { map, set } = numbersOf(kind)
    set(1, 1)
    expect(map.get(99_999)).toBeUndefined()
    if (ARRAYS.includes(kind)) return
    expect(map.delete(99_999)).toBe(false)
    expect(map.delete(1)).toBe(true)
    expect(map.get(1)).toBeUndefined()
    expect(map.delete(1)).toBe(false)
    expect([...map.entries()]).toEqual([])
  })

  it('cannot be used after it was closed', () => {
    const { map, set } = numbersOf(kind)
    set(1, 1)
    map.close()
    map.close()
    const closed = new ClosedError('Cannot use map tested: it is closed')
    expect(() => map.get(1)).toThrow(closed)
    expect(() => set(1, 1)).toThrow(closed)
    expect(() => map.delete(1)).toThrow(closed)
    expect(() => [...map.entries()]).toThrow(closed)
    expect(() => map.fileDescriptor).toThrow(closed)
  })
})

const canTake = KINDS.filter((kind) => !ARRAYS.includes(kind) && kind !== 'lpm_trie')

describeKernel.each(canTake)('take() from a map of kind %s', (kind) => {
  it('gives the value and takes the key out', () => {
    const { map, set, expected } = numbersOf(kind)
    set(1, 10)
    set(2, 20)
    expect(map.take(1)).toEqual(expected(10))
    expect(map.get(1)).toBeUndefined()
    expect([...map.entries()]).toEqual([[2, expected(20)]])
    expect(map.take(1)).toBeUndefined()
    set(1, 11)
    expect(map.take(1)).toEqual(expected(11))
  })

  it('cannot be used after the map was closed', () => {
    const { map } = numbersOf(kind)
    map.close()
    expect(() => map.take(1)).toThrow(new ClosedError('Cannot use map tested: it is closed'))
  })
})

describeKernel.each(KINDS.filter((kind) => !canTake.includes(kind)))(
  'take() from a map of kind %s',
  (kind) => {
    it('is refused, and takes nothing out', () => {
      const { map, set, expected } = numbersOf(kind)
      set(1, 10)
      expect(() => map.take(1)).toThrow('Cannot take from map tested: ENOTSUPP')
      expect(map.get(1)).toEqual(expected(10))
    })
  },
)

describeKernel('a map that is full', () => {
  it.each(['hash', 'percpu_hash'] as const)('of kind %s refuses with E2BIG', (kind) => {
    const { set, map } = numbersOf(kind, { maxEntries: 3 })
    for (let key = 0; key < 3; key++) set(key, key)
    expect(() => set(3, 3)).toThrow('Cannot write to map tested: E2BIG')
    set(2, 22)
    expect([...map.entries()]).toHaveLength(3)
  })

  it.each(['array', 'percpu_array'] as const)('of kind %s has no place behind its end: E2BIG', (kind) => {
    const { set } = numbersOf(kind, { maxEntries: 3 })
    expect(() => set(3, 3)).toThrow('Cannot write to map tested: E2BIG')
  })

  it('of kind lru_hash gives others up', () => {
    const { set, map } = numbersOf('lru_hash', { maxEntries: 128 })
    for (let key = 0; key < 1000; key++) set(key, key)
    expect([...map.entries()].length).toBeLessThanOrEqual(128)
    expect(map.get(999)).toEqual(pairOf(999))
  })

  it('keeps all its entries where nothing may be deleted: an array says EINVAL', () => {
    const { map } = numbersOf('array', { maxEntries: 3 })
    expect(() => map.delete(1)).toThrow(SystemCallError)
    expect(() => map.delete(1)).toThrow('Cannot delete from map tested: EINVAL')
  })
})

describeKernel('a map of a value for each CPU', () => {
  it('has nothing but zero where no value was given', () => {
    const map = createPerCpu('percpu_hash')
    map.set(1, ofCpus(5))
    map.set(1, [pairOf(7)])
    expect(map.get(1)).toEqual([pairOf(7), ...Array(CPUS - 1).fill(pairOf(0))])
  })

  it.skipIf(!hasCommand('bpftool'))('has the CPUs in the order of their numbers', () => {
    const map = createPerCpu('percpu_array', { maxEntries: 1 })
    map.set(0, ofCpus(9))
    expect(dumpMap(mapId(map.fileDescriptor)).get('00000000')).toEqual(
      ofCpus(9).map((each) => hexOf(pair, each)),
    )
  })
})
