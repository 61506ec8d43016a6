import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { texts } from '../../../../test/kernel-fixtures/texts.bpf.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { canRunPrograms, runProgram } from '../../../../test/support/test-run.js'
import { onlineCpus } from '../sys/cpus.js'

/** struct texts: where its tail begins, and all of it. */
const TAIL = 8
const SIZE = 1008

interface Given {
  readonly name: string
  readonly words: readonly string[]
}

const opened: { close(): void }[] = []

afterEach(() => {
  for (const each of opened.splice(0).reverse()) each.close()
})

/** texts.bpf.c with a buffer so small that what comes goes around its end again and again. */
function load(kind: 'ringbuf' | 'perf') {
  const object = texts.load({
    constants: { ringBuffer: kind === 'ringbuf' },
    maps: { events: { kind, bytes: 4096 } },
  })
  opened.push(object)
  const program = object.programs.emitTexts.fileDescriptor
  /** Hands out a record that says what is given of its sizes, and has `size` bytes. */
  const emit = (sequence: number, sizes: readonly [number, number], tail: Uint8Array, size: number) => {
    const record = Buffer.alloc(SIZE, 0xee)
    record.writeUInt32LE(sequence, 0)
    record.writeUInt16LE(sizes[0], 4)
    record.writeUInt16LE(sizes[1], 6)
    record.set(tail, TAIL)
    object.maps.next.set(0, record)
    expect(runProgram(program, [size], onlineCpus()[0] ?? 0)).toBe(0)
  }
  return { records: object.maps.events, emit }
}

function drained<T>(records: { drain(take: (record: T) => void): number }): T[] {
  const found: T[] = []
  while (records.drain((record) => found.push(record)) > 0);
  return found
}

const text = (maxLength: number) =>
  fc
    .string({ unit: 'grapheme', maxLength })
    .filter((value) => !value.includes('\0') && Buffer.byteLength(value) <= maxLength)

for (const kind of ['ringbuf', 'perf'] as const) {
  describeKernelIf(canRunPrograms())(`records in a ${kind} buffer that are as long as what they hold`, () => {
    it('have the texts that they were given, wherever they lie', () => {
      const { records, emit } = load(kind)
      const given = fc.sample(
        fc.record(
          { name: text(300), words: fc.array(text(50), { maxLength: 12 }) },
          { noNullPrototype: true },
        ),
        { numRuns: 400, seed: 7 },
      )
      const found: (Given & { readonly sequence: number })[] = []
      for (const [sequence, { name, words }] of given.entries()) {
        const parts = [Buffer.from(name), Buffer.from(words.map((word) => `${word}\0`).join(''))] as const
        const sizes = [parts[0].length, parts[1].length] as const
        emit(sequence, sizes, Buffer.concat(parts), TAIL + sizes[0] + sizes[1])
        if (sequence % 2 === 1) found.push(...drained(records))
      }
      expect(found).toEqual(given.map((each, sequence) => ({ sequence, ...each })))
      expect(records).toMatchObject({ received: 400, malformed: 0, lost: 0 })
    })

    it('are passed over and counted where they say that they hold more, and those between are not', () => {
      const { records, emit } = load(kind)
      const expected: number[] = []
      let malformed = 0
      const found: { readonly sequence: number }[] = []
      const size = fc.oneof(fc.nat(0xffff), fc.nat(300), fc.constantFrom(0, 1, 992, 1000, 1001, 0xffff))
      // What a perf buffer puts behind a record may be anything: one that is short of its own sizes cannot be told there.
      const held = fc.oneof(fc.constantFrom(0, TAIL), fc.integer({ min: TAIL, max: SIZE }))
      const given = fc.sample(fc.tuple(size, size, held), { numRuns: 600, seed: 11 })
      for (const [sequence, [first, second, held]] of given.entries()) {
        emit(sequence, [first, second], new Uint8Array(SIZE - TAIL), held)
        // A perf buffer rounds a record up, with its four bytes in front, to eight.
        const seen = kind === 'perf' ? Math.ceil((held + 4) / 8) * 8 - 4 : held
        const isWhole = seen >= TAIL && first + second <= Math.min(seen - TAIL, SIZE - TAIL)
        if (isWhole) expected.push(sequence)
        else malformed++
        if (sequence % 2 === 1) found.push(...drained(records))
      }
      expect(found.map(({ sequence }) => sequence)).toEqual(expected)
      expect(records).toMatchObject({ received: expected.length, malformed, lost: 0 })
      expect(malformed).toBeGreaterThan(100)
      expect(expected.length).toBeGreaterThan(20)
    })
  })
}
