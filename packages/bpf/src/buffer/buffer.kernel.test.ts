import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { type BufferKind, Emitter, type Numbered, numbered } from '../../../../test/support/emitter.js'
import { startFlood } from '../../../../test/support/flood.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { canRunPrograms } from '../../../../test/support/test-run.js'
import { onlineCpus } from '../sys/cpus.js'
import { BATCH_LIMIT } from './record-buffer.js'

const KINDS: readonly BufferKind[] = ['ringbuf', 'perf']
const CPUS = onlineCpus()

/** Records with these numbers, whole. */
const whole = (sequences: readonly number[]): Numbered[] =>
  sequences.map((sequence) => ({ sequence, whole: true }))
const upTo = (end: number): number[] => Array.from({ length: end }, (_, index) => index)

for (const kind of KINDS) {
  describeKernelIf(canRunPrograms())(`a ${kind} buffer`, () => {
    it.each([8, 16, 20, 24, 100, 1000, 4096])('hands over records of %i bytes, whole, in order', (size) => {
      using emitter = new Emitter(kind, 32 << 10, numbered(size))
      const found: Numbered[] = []
      // Ten times what it holds, so that records lie at its end, across it, and behind it.
      const most = Math.ceil((10 * emitter.records.capacity) / size)
      for (let next = 0; next < most; found.push(...emitter.drained()))
        next = emitter.emit({ count: Math.max(1, Math.floor(8000 / size)), size, first: next })
      expect(found).toEqual(whole(upTo(found.length)))
      expect(found.length).toBeGreaterThanOrEqual(most)
      expect(emitter.counts()).toEqual({ emitted: found.length, refused: 0 })
      expect(emitter.records).toMatchObject({ kind, received: found.length, lost: 0, malformed: 0 })
    })

    it('hands over no more than it is told to, and goes on from there', () => {
      using emitter = new Emitter(kind, 32 << 10, numbered(24))
      emitter.emit({ count: 100 })
      const found: Numbered[] = []
      const counts = [30, 0, 30, 30, 30, 30].map((limit) =>
        emitter.records.drain((record) => found.push(record), limit),
      )
      expect(counts).toEqual([30, 0, 30, 30, 10, 0])
      expect(found).toEqual(whole(upTo(100)))
    })

    it('hands each record over once, and all of them, also to a function that throws', () => {
      using emitter = new Emitter(kind, 32 << 10, numbered(24))
      emitter.emit({ count: 100 })
      const found: Numbered[] = []
      const thrown: unknown[] = []
      for (let calls = 0; calls < 100; calls++) {
        try {
          emitter.records.drain((record) => {
            found.push(record)
            if (record.sequence % 7 === 3) throw new Error(`at ${record.sequence}`)
          })
        } catch (error) {
          thrown.push(error)
        }
      }
      expect(found).toEqual(whole(upTo(100)))
      expect(thrown).toHaveLength(14)
      expect(emitter.records.received).toBe(100)
      expect(emitter.drained()).toEqual([])
    })

    it('may be closed by the function that it hands records to', () => {
      // It went on reading where its memory had been, which ended the process by SIGSEGV.
      using emitter = new Emitter(kind, 32 << 10, numbered(24))
      for (const cpu of CPUS) emitter.emit({ count: 10, cpu })
      const found: Numbered[] = []
      const count = emitter.records.drain((record) => {
        found.push(record)
        if (found.length === 3) emitter.records.close()
      })
      expect(count).toBe(3)
      expect(found).toEqual(whole(upTo(3)))
      expect(emitter.records.received).toBe(3)
      expect(emitter.records.drain(() => expect.fail('a record after close'))).toBe(0)
    })

    it('may be closed by a function that then throws', () => {
      using emitter = new Emitter(kind, 32 << 10, numbered(24))
      emitter.emit({ count: 10 })
      expect(() =>
        emitter.records.drain(() => {
          emitter.records.close()
          throw new Error('and out')
        }),
      ).toThrow('and out')
      expect(emitter.drained()).toEqual([])
    })

    it('does not hand a record over again to whoever asks from within the function', () => {
      using emitter = new Emitter(kind, 32 << 10, numbered(24))
      emitter.emit({ count: 20 })
      const found: Numbered[] = []
      const within: number[] = []
      emitter.records.drain((record) => {
        found.push(record)
        within.push(emitter.records.drain((inner) => found.push(inner)))
      })
      expect(found).toEqual(whole(upTo(20)))
      expect(within).toEqual(Array(20).fill(0))
    })

    it('takes what comes while it is drained', () => {
      using emitter = new Emitter(kind, 32 << 10, numbered(24))
      emitter.emit({ count: 5 })
      const found: Numbered[] = []
      while (
        emitter.records.drain((record) => {
          found.push(record)
          if (record.sequence < 100) emitter.emit({ count: 1, first: record.sequence + 5 })
        }) > 0
      );
      expect(found).toEqual(whole(upTo(105)))
    })

    it('passes over records that are too short, and counts them', () => {
      using emitter = new Emitter(kind, 32 << 10, numbered(64))
      emitter.emit({ count: 3, size: 24 })
      emitter.emit({ count: 2, size: 64, first: 3 })
      emitter.emit({ count: 1, size: 8 })
      expect(emitter.drained()).toEqual(whole([3, 4]))
      expect(emitter.records).toMatchObject({ received: 2, malformed: 4, lost: 0 })
    })

    it('has programs refused when it is full, and room again when it was drained', () => {
      using emitter = new Emitter(kind, 4096, numbered(24))
      emitter.emit({ count: 500 })
      const { emitted, refused } = emitter.counts()
      expect(refused).toBeGreaterThan(0)
      const found = emitter.drained()
      expect(found).toEqual(whole(upTo(emitted - refused)))
      emitter.emit({ count: 1, first: 500 })
      expect(emitter.drained()).toEqual(whole([500]))
      expect(emitter.counts()).toEqual({ emitted: 501, refused })
    })

    it('accounts for every record of a flood from another process that is faster than its reader', async () => {
      using emitter = new Emitter(kind, 16 << 10, numbered(64))
      const cpu = CPUS.at(-1) ?? 0
      const total = 200_000
      const flood = startFlood({ program: emitter.programId('emit'), cpu, total, size: 64, burst: 64 })
      const found: Numbered[] = []
      while (flood.answers().length === 0) {
        emitter.records.drain((record) => found.push(record), 50)
        await new Promise(setImmediate)
      }
      expect(await flood.end()).toBe(0)
      found.push(...emitter.drained())
      // What a perf buffer lost, it tells with the next record that it has room for.
      emitter.emit({ count: 1, size: 64, first: total, cpu })
      found.push(...emitter.drained())
      const { emitted, refused } = emitter.counts()
      expect(emitted).toBe(total + 1)
      expect(found.length + refused).toBe(emitted)
      expect(emitter.records.received).toBe(found.length)
      expect(emitter.records.lost).toBe(kind === 'perf' ? refused : 0)
      // Each once, in order, none torn.
      expect(found.filter((record) => !record.whole)).toEqual([])
      expect(
        found.filter(({ sequence }, index) => index > 0 && sequence <= (found[index - 1]?.sequence ?? 0)),
      ).toEqual([])
      expect(found.length).toBeGreaterThan(100)
    })

    it('hands over nothing after it was closed, while programs go on', async () => {
      using emitter = new Emitter(kind, 4096, numbered(24))
      emitter.emit({ count: 2 })
      emitter.records.close()
      emitter.records.close()
      emitter.emit({ count: 1000, first: 2 })
      expect(emitter.drained()).toEqual([])
      await emitter.records.wait()
      for await (const batch of emitter.records.batches()) expect(batch).toBe('none')
      expect(emitter.counts().emitted).toBe(1002)
    })
  })

  describeKernelIf(canRunPrograms())(`batches of a ${kind} buffer`, () => {
    it('come as records do, and end with the signal, after what was there by then', async () => {
      using emitter = new Emitter(kind, 32 << 10, numbered(24))
      const controller = new AbortController()
      const found: Numbered[] = []
      setImmediate(() => emitter.emit({ count: 3 }))
      for await (const batch of emitter.records.batches({ signal: controller.signal })) {
        found.push(...batch)
        if (found.length === 3) setImmediate(() => emitter.emit({ count: 3, first: 3 }))
        if (found.length === 6) {
          emitter.emit({ count: 2, first: 6 })
          controller.abort()
        }
      }
      expect(found).toEqual(whole(upTo(8)))
      expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    })

    it('end when the signal comes while they wait', async () => {
      using emitter = new Emitter(kind, 32 << 10, numbered(24))
      const controller = new AbortController()
      setImmediate(() => controller.abort())
      for await (const batch of emitter.records.batches({ signal: controller.signal }))
        expect(batch).toBe('none')
      expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    })

    it('are what is there, where the signal has come before', async () => {
      using emitter = new Emitter(kind, 32 << 10, numbered(24))
      emitter.emit({ count: 4 })
      const found: Numbered[] = []
      for await (const batch of emitter.records.batches({ signal: AbortSignal.abort() })) found.push(...batch)
      expect(found).toEqual(whole(upTo(4)))
    })

    it('end also where records come as fast as they are read', async () => {
      // They went on as long as there was anything to read, however long ago the signal had come.
      using emitter = new Emitter(kind, 4096, numbered(24))
      const signal = AbortSignal.abort()
      let next = emitter.emit({ count: 10 })
      let read = 0
      for await (const batch of emitter.records.batches({ signal })) {
        read += batch.length
        next = emitter.emit({ count: 10, first: next })
        // Eight bytes is the least that a record takes.
        if (read > emitter.records.capacity / 8 + 10) break
      }
      expect(read).toBeLessThanOrEqual(emitter.records.capacity / 8)
    })

    it('end when it is closed, while they wait or between two', async () => {
      using waiting = new Emitter(kind, 32 << 10, numbered(24))
      setImmediate(() => waiting.records.close())
      for await (const batch of waiting.records.batches()) expect(batch).toBe('none')

      using reading = new Emitter(kind, 32 << 10, numbered(24))
      reading.emit({ count: 4 })
      const sizes: number[] = []
      for await (const batch of reading.records.batches()) {
        sizes.push(batch.length)
        reading.close()
      }
      expect(sizes).toEqual([4])
    })

    it('are of no more than some thousands', async () => {
      using emitter = new Emitter(kind, 256 << 10, numbered(8))
      emitter.emit({ count: BATCH_LIMIT + 100, size: 8 })
      const sizes: number[] = []
      for await (const batch of emitter.records.batches({ signal: AbortSignal.abort() }))
        sizes.push(batch.length)
      expect(sizes).toEqual([BATCH_LIMIT, 100])
    })

    it('of two buffers are read at the same time', async () => {
      using first = new Emitter(kind, 32 << 10, numbered(24))
      using second = new Emitter(kind, 32 << 10, numbered(16))
      const controller = new AbortController()
      const read = async ({ records }: Emitter) => {
        const found: Numbered[] = []
        for await (const batch of records.batches(controller)) {
          found.push(...batch)
          if (found.length === 200) break
        }
        return found
      }
      const both = Promise.all([read(first), read(second)])
      for (let turn = 0; turn < 20; turn++) {
        first.emit({ count: 10, first: 10 * turn })
        await new Promise(setImmediate)
        second.emit({ count: 10, size: 16, first: 10 * turn })
        await new Promise(setImmediate)
      }
      expect(await both).toEqual([whole(upTo(200)), whole(upTo(200))])
    })
  })

  describeKernelIf(canRunPrograms())(`a wait for a ${kind} buffer`, () => {
    it('ends for a record on each CPU', async () => {
      using emitter = new Emitter(kind, 32 << 10, numbered(24))
      for (const cpu of CPUS) {
        const waiting = emitter.records.wait()
        emitter.emit({ count: 1, first: cpu, cpu })
        await waiting
        while (emitter.records.received < CPUS.indexOf(cpu) + 1) {
          emitter.drained()
          await new Promise(setImmediate)
        }
      }
      expect(emitter.records.received).toBe(CPUS.length)
    })

    it('ends for what came before it began', async () => {
      using emitter = new Emitter(kind, 32 << 10, numbered(24))
      emitter.emit({ count: 1 })
      await emitter.records.wait()
      expect(emitter.drained()).toEqual(whole([0]))
    })

    it('never misses a record, however they come', async () => {
      using emitter = new Emitter(kind, 64 << 10, numbered(24))
      const total = 20_000
      const floods = CPUS.slice(0, 2).map((cpu) =>
        startFlood({
          program: emitter.programId('emit'),
          cpu,
          total,
          first: cpu * total,
          burst: 3,
          paced: true,
        }),
      )
      // Whoever misses one waits for ever.
      while (emitter.records.received < total * floods.length) {
        await emitter.records.wait()
        emitter.records.drain(() => undefined)
        if (emitter.counts().refused > 0) throw new Error('the reader is too slow for the test')
      }
      expect(emitter.records).toMatchObject({ received: total * floods.length, lost: 0, malformed: 0 })
      for (const flood of floods) expect(await flood.end()).toBe(0)
    })
  })
}
