import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { stayOn } from '../../../../test/support/affinity.js'
import { hasCommand } from '../../../../test/support/commands.js'
import { Emitter, type Numbered, numbered } from '../../../../test/support/emitter.js'
import { startFlood } from '../../../../test/support/flood.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { openFiles } from '../../../../test/support/open-files.js'
import { canRunPrograms } from '../../../../test/support/test-run.js'
import { InvalidSpecError } from '../errors.js'
import { has } from '../features/feature.js'
import { probeMapKind } from '../features/maps.js'
import { createMap } from '../map/create-map.js'
import { onlineCpus } from '../sys/cpus.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { libc } from '../sys/libc.js'
import { RingBuffer, ringBufferSize } from './ring-buffer.js'

const CPUS = onlineCpus()
const whole = (sequences: readonly number[]): Numbered[] =>
  sequences.map((sequence) => ({ sequence, whole: true }))

let undo: () => void = () => undefined

afterEach(() => {
  undo()
  undo = () => undefined
})

/** A ring buffer of the kernel's, without a program that writes to it. */
const createRing = (bytes: number) =>
  new FileDescriptor(
    createMap({ name: 'ring', kind: 'ringbuf', keySize: 0, valueSize: 0, maxEntries: bytes, flags: 0 }),
    'ring',
  )

describeKernel('ringBufferSize', () => {
  it('is a power of two, whole pages, and no less than was asked for', () => {
    const page = libc().getpagesize()
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (bytes) => {
        const size = ringBufferSize(bytes)
        expect(size & (size - 1)).toBe(0)
        expect(size % page).toBe(0)
        expect(size).toBeGreaterThanOrEqual(bytes)
        expect(size === page || size / 2 < bytes).toBe(true)
      }),
    )
  })

  it.each([0, -1, Number.NaN, 2 ** 30 + 1, Number.POSITIVE_INFINITY])('is refused for %d bytes', (bytes) => {
    expect(() => ringBufferSize(bytes)).toThrow(InvalidSpecError)
  })

  it.skipIf(!has(probeMapKind('ringbuf')))('is what the kernel takes', () => {
    for (const bytes of [1, 4096, 4097, 100_000]) {
      using ring = createRing(ringBufferSize(bytes))
      expect(ring.number).toBeGreaterThan(0)
    }
  })
})

describeKernelIf(has(probeMapKind('ringbuf')))('a RingBuffer', () => {
  it('that cannot be mapped leaves nothing behind', () => {
    // Its first page, and the set that is waited for, were left.
    using ring = createRing(4096)
    const before = [openFiles(), mappings()]
    expect(before[1]).toEqual([])
    expect(() => new RingBuffer(ring.number, 8192, numbered(24))).toThrow(
      /^Cannot map the ring buffer, \d+ bytes: EINVAL$/,
    )
    expect([openFiles(), mappings()]).toEqual(before)
  })

  it('of what is no ring buffer is refused, and leaves nothing behind', () => {
    using array = new FileDescriptor(
      createMap({ name: 'array', kind: 'array', keySize: 4, valueSize: 8, maxEntries: 1, flags: 0 }),
      'array',
    )
    const before = openFiles()
    expect(() => new RingBuffer(array.number, 4096, numbered(24))).toThrow('Cannot map the ring buffer')
    expect(openFiles()).toEqual(before)
  })

  it('leaves nothing mapped when it is closed', () => {
    using ring = createRing(4096)
    const buffer = new RingBuffer(ring.number, 4096, numbered(24))
    expect(mappings().length).toBeGreaterThan(0)
    buffer.close()
    expect(mappings()).toEqual([])
  })

  it('goes on where the reader before it stopped', () => {
    using ring = createRing(4096)
    using first = new RingBuffer(ring.number, 4096, numbered(24))
    expect(first.drain(() => expect.fail('a record of nobody'))).toBe(0)
    using second = new RingBuffer(ring.number, 4096, numbered(24))
    expect(second).toMatchObject({ received: 0, malformed: 0, lost: 0, capacity: 4096, kind: 'ringbuf' })
  })
})

describeKernelIf(canRunPrograms())('the records of a ring buffer', () => {
  it('are without those that were taken back', () => {
    using emitter = new Emitter('ringbuf', 4096, numbered(24))
    const found: Numbered[] = []
    for (let next = 0; next < 1000; found.push(...emitter.drained()))
      next = emitter.emit({ program: 'reserve', count: 100, first: next })
    expect(found).toEqual(whole(Array.from({ length: 500 }, (_, index) => 2 * index)))
    expect(emitter.records).toMatchObject({ received: 500, malformed: 0 })
    expect(emitter.counts()).toEqual({ emitted: 1000, refused: 0 })
  })

  it('that were all taken back give their room back', () => {
    using emitter = new Emitter('ringbuf', 4096, numbered(24))
    // 128 records of 32 bytes with their header are all that it holds, and the last byte stays free.
    for (let round = 0; round < 20; round++) {
      for (let count = 0; count < 100; count++) emitter.emit({ program: 'reserve', count: 1, first: 1 })
      expect(emitter.drained()).toEqual([])
    }
    expect(emitter.counts()).toEqual({ emitted: 2000, refused: 0 })
  })

  it.skipIf(CPUS.length < 2 || !hasCommand('taskset'))(
    'wait for one before them that is being written',
    async () => {
      using emitter = new Emitter('ringbuf', 64 << 10, numbered(24))
      const [here = 0, there = 0] = CPUS
      undo = stayOn(here)
      const slow = 1_000_000
      const total = 300
      const flood = startFlood({
        program: emitter.programId('hold'),
        cpu: there,
        total,
        first: slow,
        burst: 1,
        holdNs: 300_000,
        pinned: true,
      })
      const found: Numbered[] = []
      let next = 0
      let waited = 0
      while (flood.answers().length === 0) {
        for (let round = 0; round < 50; round++) {
          next = emitter.emit({ count: 1, first: next, cpu: here })
          // The record is there, and not handed over: one that is not finished lies before it.
          if (emitter.records.drain((record) => found.push(record)) === 0) waited++
        }
        await new Promise(setImmediate)
      }
      expect(await flood.end()).toBe(0)
      found.push(...emitter.drained())
      expect(waited).toBeGreaterThan(0)
      expect(emitter.counts().refused).toBe(0)
      const quick = found.filter(({ sequence }) => sequence < slow)
      expect(quick).toEqual(whole(Array.from({ length: next }, (_, index) => index)))
      const held = found.filter(({ sequence }) => sequence >= slow)
      expect(held).toEqual(whole(Array.from({ length: total }, (_, index) => slow + index)))
    },
  )

  it('are right beyond the four gigabytes at which the low half of a position begins anew', () => {
    using emitter = new Emitter('ringbuf', 1 << 20, numbered(4088))
    // 4088 bytes and their header are a page: 256 fit, and 2^20 of them are 2^32 bytes.
    const total = 2 ** 20 + 1000
    let expected = 0
    let wrong = 0
    const take = ({ sequence, whole: isWhole }: Numbered) => {
      if (sequence !== expected || !isWhole) wrong++
      expected++
    }
    for (let next = 0; next < total; emitter.records.drain(take))
      next = emitter.emit({ count: Math.min(250, total - next), size: 4088, first: next })
    expect({ expected, wrong }).toEqual({ expected: total, wrong: 0 })
    expect(emitter.records.received).toBe(total)
    expect(emitter.counts()).toEqual({ emitted: total, refused: 0 })
  }, 300_000)
})

/** The memory of BPF maps that this process has mapped. */
function mappings(): string[] {
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.includes('bpf-map'))
}

describeKernelIf(canRunPrograms())('records of a ring buffer that come one after the other', () => {
  /** How often a reader is woken, where each turn of the event loop brings a record. */
  async function wakesOf(emitter: Emitter, total: number, size: number): Promise<number> {
    let wakes = 0
    let made = 0
    const emitOne = () => {
      emitter.emit({ count: 1, size, first: made++ })
      if (made < total) setImmediate(emitOne)
    }
    setImmediate(emitOne)
    for (let read = 0; read < total; wakes++) {
      await emitter.records.wait()
      read += emitter.drained().length
    }
    return wakes
  }

  it('gather for a while, and do not wake the reader one by one', async () => {
    // In a storm of connects half of the processor time went into waking up for each.
    using emitter = new Emitter('ringbuf', 1 << 20, numbered(24))
    const total = 1000
    expect(await wakesOf(emitter, total, 24)).toBeLessThan(total / 4)
    expect(emitter.counts()).toEqual({ emitted: total, refused: 0 })
  })

  it('do not gather where they fill a good part of the buffer: none is lost for it', async () => {
    using emitter = new Emitter('ringbuf', 4096, numbered(1000))
    expect(await wakesOf(emitter, 200, 1000)).toBeGreaterThan(200 / 4)
    expect(emitter.counts()).toEqual({ emitted: 200, refused: 0 })
  })
})
