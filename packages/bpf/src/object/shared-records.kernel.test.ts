import { afterEach, expect, it } from 'vitest'
import { type BufferKind, type Numbered, numbered } from '../../../../test/support/emitter.js'
import { readFixture } from '../../../../test/support/fixture.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { mapId } from '../../../../test/support/kernel-info.js'
import { expectNothingLeft, kernelState } from '../../../../test/support/kernel-leftovers.js'
import { canRunPrograms, runProgram } from '../../../../test/support/test-run.js'
import { bindConstants, bindObject, bindRecords } from '../bindings/bind-object.js'
import { ClosedError, InvalidSpecError } from '../errors.js'
import { has } from '../features/feature.js'
import { probeMapKind } from '../features/maps.js'
import { onlineCpus } from '../sys/cpus.js'
import type { BpfObject } from './bpf-object.js'
import { loadObject } from './load-object.js'
import { SharedRecords } from './shared-records.js'

const CPUS = onlineCpus()
const opened: { close(): void }[] = []

afterEach(() => {
  for (const each of opened.splice(0).reverse()) each.close()
})

function share(kind: BufferKind, bytes = 32 << 10): SharedRecords {
  const shared = new SharedRecords({ kind, bytes })
  opened.push(shared)
  return shared
}

/** emit.bpf.c, which writes to a buffer that it does not own. */
function writerOf(reuse: SharedRecords): BpfObject {
  const object = loadObject(readFixture('emit'), {
    programs: ['emit'],
    constants: { ring_buffer: reuse.spec.kind === 'ringbuf' },
    maps: { events: { reuse } },
  })
  opened.push(object)
  return object
}

function emit(object: BpfObject, first: number, count: number, cpu = CPUS[0] ?? 0): void {
  const program = object.program('emit').fileDescriptor
  expect(runProgram(program, [count, 24, first, 0], cpu)).toBe(0)
}

const upTo = (end: number, begin = 0): Numbered[] =>
  Array.from({ length: end - begin }, (_, index) => ({ sequence: begin + index, whole: true }))

const bound = bindObject({
  name: 'emit',
  url: new URL('../../../../test/kernel-fixtures/emit.bpf.o', import.meta.url),
  constants: bindConstants<{ readonly ringBuffer?: boolean }>({ ringBuffer: 'ring_buffer' }),
  maps: { events: bindRecords('events', numbered(24)) },
  programs: { emit: 'emit' },
})

for (const kind of ['ringbuf', 'perf'] as const) {
  describeKernelIf(canRunPrograms())(`a shared ${kind} buffer`, () => {
    it('gets what the programs of several objects write, on every CPU', () => {
      const shared = share(kind)
      const [first, second] = [writerOf(shared), writerOf(shared)]
      const records = shared.records(numbered(24))
      const found: Numbered[] = []
      let next = 0
      for (let round = 0; round < 20; round++) {
        for (const cpu of CPUS) {
          for (const object of [first, second]) {
            emit(object, next, 10, cpu)
            next += 10
          }
        }
        records.drain((record) => found.push(record))
      }
      expect(found).toEqual(upTo(next))
      expect(records).toMatchObject({ kind, received: next, malformed: 0, lost: 0 })
    })

    it('goes on when an object that wrote to it is closed, and when one comes later', () => {
      const shared = share(kind)
      const [first, second] = [writerOf(shared), writerOf(shared)]
      const records = shared.records(numbered(24))
      const found: Numbered[] = []
      emit(first, 0, 10)
      first.close()
      emit(second, 10, 10)
      records.drain((record) => found.push(record))
      const third = writerOf(shared)
      second.close()
      for (const cpu of CPUS) emit(third, 20 + 10 * CPUS.indexOf(cpu), 10, cpu)
      records.drain((record) => found.push(record))
      expect(found).toEqual(upTo(20 + 10 * CPUS.length))
    })

    it('is not created, read or closed by the object that is given it', async () => {
      const before = kernelState()
      const shared = share(kind)
      using object = bound.load({
        programs: ['emit'],
        constants: { ringBuffer: kind === 'ringbuf' },
        maps: { events: { reuse: shared } },
      })
      expect(object.object.mapNames).not.toContain('events')
      expect(() => object.maps.events).toThrow(
        new InvalidSpecError('Map events is shared: it is read where it was made, not through an object'),
      )
      const id = mapId(shared.fileDescriptor)
      const records = shared.records(numbered(24))
      emit(object.object, 0, 5)
      object.close()
      expect(mapId(shared.fileDescriptor)).toBe(id)
      const found: Numbered[] = []
      records.drain((record) => found.push(record))
      expect(found).toEqual(upTo(5))
      shared.close()
      await expectNothingLeft(before)
    })

    it('wakes its reader for each of them', async () => {
      const shared = share(kind)
      const objects = [writerOf(shared), writerOf(shared)]
      const records = shared.records(numbered(24))
      for (const [index, object] of objects.entries()) {
        const waiting = records.wait()
        emit(object, index, 1)
        await waiting
        records.drain(() => undefined)
      }
      // A perf event may tell of the first only once it was looked at for the second.
      while (records.received < 2) {
        await new Promise(setImmediate)
        records.drain(() => undefined)
      }
      expect(records.received).toBe(2)
    })
  })

  describeKernelIf(kind === 'perf' || has(probeMapKind('ringbuf')))(
    `the reader of a shared ${kind} buffer`,
    () => {
      it('is one at a time, and is closed with the buffer', () => {
        const shared = share(kind)
        const first = shared.records(numbered(24))
        expect(() => shared.records(numbered(24))).toThrow(
          new InvalidSpecError('Map events has a reader already: each record is handed over once'),
        )
        first.close()
        const second = shared.records(numbered(24))
        shared.close()
        shared.close()
        expect(second.drain(() => expect.fail('a record'))).toBe(0)
        expect(() => shared.records(numbered(24))).toThrow(ClosedError)
        expect(() => writerOf(shared)).toThrow(ClosedError)
      })

      it.each([0, -1, Number.NaN, 2 ** 31])('is not of %d bytes', (bytes) => {
        expect(() => share(kind, bytes)).toThrow(InvalidSpecError)
      })
    },
  )
}

describeKernel('what carries no records', () => {
  it('is not shared as if it did', () => {
    const shared = share('perf')
    expect(() => loadObject(readFixture('emit'), { maps: { counts: { reuse: shared } } })).toThrow(
      new InvalidSpecError('Map counts (percpu_array) carries no records: no shared buffer can stand for it'),
    )
  })
})
