import { afterEach, expect, it } from 'vitest'
import { type Numbered, numbered } from '../../../../test/support/emitter.js'
import { readFixture } from '../../../../test/support/fixture.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { canRunPrograms, runProgram } from '../../../../test/support/test-run.js'
import { u32 } from '../bindings/scalars.js'
import type { Codec } from '../btf/value-codec.js'
import { InvalidSpecError, UnsupportedError } from '../errors.js'
import type { BpfObject } from '../object/bpf-object.js'
import { loadObject } from '../object/load-object.js'
import { SharedRecords } from '../object/shared-records.js'
import { onlineCpus } from '../sys/cpus.js'
import type { RetainedRecords } from './record-buffer.js'

const CPU = onlineCpus()[0] ?? 0
/** Bytes that a record of emit.bpf.c takes here: its header and 24. */
const TAKEN = 32n
const opened: { close(): void }[] = []

afterEach(() => {
  for (const each of opened.splice(0).reverse()) each.close()
})

interface Ring {
  readonly shared: SharedRecords
  readonly object: BpfObject
  emit(first: number, count: number, program?: 'emit' | 'reserve'): void
}

function ring(bytes = 8 << 10): Ring {
  const shared = new SharedRecords({ kind: 'ringbuf', bytes })
  const object = loadObject(readFixture('emit'), {
    programs: ['emit', 'reserve'],
    constants: { ring_buffer: true },
    maps: { events: { reuse: shared } },
  })
  opened.push(shared, object)
  return {
    shared,
    object,
    emit: (first, count, program = 'emit') => {
      const { fileDescriptor } = object.program(program)
      expect(runProgram(fileDescriptor, [count, 24, first, 0], CPU)).toBe(0)
    },
  }
}

function drained(records: RetainedRecords<Numbered>, limit?: number): number[] {
  const found: number[] = []
  records.drain(({ sequence }) => found.push(sequence), limit)
  return found
}

const range = (begin: number, end: number) => Array.from({ length: end - begin }, (_, index) => begin + index)

/** How many records the ring buffer refused. */
function refused(object: BpfObject): number {
  const codec: Codec<number> = {
    size: 16,
    read: (view, at) => Number(view.getBigUint64(at + 8, true)),
    write: () => undefined,
  }
  return (object.perCpuMap('counts', u32, codec).get(0) ?? []).reduce((sum, count) => sum + count, 0)
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 60))

describeKernelIf(canRunPrograms())('records that are read in two steps', () => {
  it('are there for the next reader until they are released', () => {
    const { shared, emit } = ring()
    emit(0, 10)
    const first = shared.retainedRecords(numbered(24))
    expect(drained(first, 6)).toEqual(range(0, 6))
    const position = first.position
    expect([position, first.released]).toEqual([6n * TAKEN, 0n])
    expect(drained(first)).toEqual(range(6, 10))
    expect(drained(first)).toEqual([])
    first.release(position)
    first.close()
    emit(10, 2)
    const second = shared.retainedRecords(numbered(24))
    expect([second.position, second.released]).toEqual([position, position])
    expect(drained(second)).toEqual(range(6, 12))
    second.release(second.position)
    second.close()
    // And a reader that releases at once finds where they ended.
    emit(12, 1)
    const third = shared.records(numbered(24))
    const found: number[] = []
    third.drain(({ sequence }) => found.push(sequence))
    expect(found).toEqual([12])
  })

  it('are passed over up to a position that was stored', () => {
    const { shared, emit } = ring()
    emit(0, 8)
    const first = shared.retainedRecords(numbered(24))
    drained(first, 3)
    const stored = first.position
    first.close()
    const second = shared.retainedRecords(numbered(24))
    const passed: number[] = []
    expect(second.seek(stored, ({ sequence }) => passed.push(sequence))).toBe(3)
    expect(passed).toEqual(range(0, 3))
    expect(second.seek(stored)).toBe(0)
    expect(drained(second)).toEqual(range(3, 8))
    expect(second.received).toBe(8)
  })

  it.each([-32n, 1n, 8n, 31n, 33n, 96n, 64n - (1n << 32n), 64n + (1n << 32n), 1n << 63n, 1n << 70n])(
    'are not passed over to where none ends: %d bytes on',
    (bytes) => {
      const { shared, emit } = ring()
      emit(0, 4)
      const records = shared.retainedRecords(numbered(24))
      drained(records, 2)
      expect(() => records.seek(records.position + bytes)).toThrow(InvalidSpecError)
      expect(drained(records)).toEqual(range(2, 4))
    },
  )

  it('are released no further than they were read, and once', () => {
    const { shared, emit } = ring()
    emit(0, 4)
    const records = shared.retainedRecords(numbered(24))
    drained(records, 2)
    expect(() => records.release(records.position + TAKEN)).toThrow(InvalidSpecError)
    records.release(records.position)
    records.release(TAKEN)
    expect(records.released).toBe(2n * TAKEN)
  })

  it('keep their room until then, around the end of the buffer many times', () => {
    const { shared, object, emit } = ring(4 << 10)
    const records = shared.retainedRecords(numbered(24))
    const room = 4096 / Number(TAKEN)
    let next = 0
    let lost = 0
    for (let round = 0; round < 40; round++) {
      emit(next, 100)
      const first = drained(records)
      expect(first).toEqual(range(next, next + 100))
      next += 100
      // What is not released leaves room for the rest alone.
      emit(next, 100)
      const second = drained(records)
      lost += 100 - second.length
      // One byte stays free: a full buffer would look like an empty one.
      expect(second.length).toBeLessThanOrEqual(room - 100)
      expect(second).toEqual(range(next, next + second.length))
      next += 100
      records.release(records.position)
    }
    expect(lost).toBeGreaterThan(0)
    expect(refused(object)).toBe(lost)
  })

  it('that were discarded or cannot be read are passed over as ever', () => {
    const { shared, emit } = ring()
    emit(0, 3)
    emit(3, 40, 'reserve')
    const records = shared.retainedRecords(numbered(24))
    const found = drained(records)
    expect(found.slice(0, 3)).toEqual(range(0, 3))
    const { position } = records
    records.close()
    const again = shared.retainedRecords(numbered(32))
    expect(drained(again)).toEqual([])
    expect(again.position).toBe(position)
    expect(again.malformed).toBe(found.length)
  })

  it('do not have a wait end as long as nothing comes', async () => {
    const { shared, emit } = ring()
    const records = shared.retainedRecords(numbered(24))
    emit(0, 1)
    await records.wait()
    drained(records)
    let ended = false
    const waiting = records.wait().then(() => {
      ended = true
    })
    await pause()
    expect(ended).toBe(false)
    records.wake()
    await waiting
  })

  it('do not keep what comes behind them from being told, nor does their release', async () => {
    const { shared, emit } = ring()
    const records = shared.retainedRecords(numbered(24))
    let next = 0
    // Every order of: wait, a record comes, room is given back.
    for (let round = 0; round < 60; round++) {
      emit(next++, 1)
      expect(drained(records)).toHaveLength(1)
      const steps = [() => emit(next++, 1), () => records.release(records.position)]
      if (round % 2 === 1) steps.reverse()
      if (round % 3 === 0) steps[0]?.()
      const waiting = records.wait()
      if (round % 5 === 0) await pause()
      if (round % 3 !== 0) steps[0]?.()
      if (round % 7 === 0) await new Promise(setImmediate)
      steps[1]?.()
      await waiting
      while (drained(records).length === 0) await records.wait()
      // Now and then nothing is given back before the next round.
      if (round % 4 !== 0) records.release(records.position)
    }
    expect(records.received).toBe(next)
  })

  it('end a wait by abort, by close, and for a signal that is aborted already', async () => {
    const { shared, emit } = ring()
    const records = shared.retainedRecords(numbered(24))
    emit(0, 1)
    drained(records)
    for (const immediately of [true, false]) {
      const abort = new AbortController()
      const waiting = records.wait({ signal: abort.signal })
      if (!immediately) await pause()
      abort.abort()
      await waiting
      await records.wait({ signal: abort.signal })
    }
    const waiting = records.wait()
    records.close()
    await waiting
    records.release(records.position)
    expect(records.seek(0n)).toBe(0)
  })
})

describeKernelIf(canRunPrograms())('perf buffers', () => {
  it('are not read in two steps, nor pinned', () => {
    const shared = new SharedRecords({ kind: 'perf', bytes: 4096 })
    opened.push(shared)
    expect(() => shared.retainedRecords(numbered(24))).toThrow(UnsupportedError)
    expect(() => shared.pin('/sys/fs/bpf/no')).toThrow(UnsupportedError)
  })
})
