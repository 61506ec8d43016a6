import { u32 } from '../../packages/bpf/src/bindings/scalars.js'
import type { Codec } from '../../packages/bpf/src/btf/value-codec.js'
import type { RecordBuffer, RecordDecoder } from '../../packages/bpf/src/buffer/record-buffer.js'
import type { BpfObject } from '../../packages/bpf/src/object/bpf-object.js'
import { loadObject } from '../../packages/bpf/src/object/load-object.js'
import { onlineCpus } from '../../packages/bpf/src/sys/cpus.js'
import { readFixture } from './fixture.js'
import { programId } from './kernel-info.js'
import { runProgram } from './test-run.js'

export type BufferKind = 'ringbuf' | 'perf'

/** Records that one run of the program makes at most: MOST_RECORDS of emit.bpf.c. */
const MOST_RECORDS = 128

/** A record of emit.bpf.c: its number, and whether its end belongs to it. */
export interface Numbered {
  readonly sequence: number
  readonly whole: boolean
}

/** Reads records of one size by hand: the number in front, its complement at the end. */
export function numbered(size: number): RecordDecoder<Numbered> {
  return {
    size,
    read: (view, at) => {
      const sequence = view.getBigUint64(at, true)
      const end = view.getBigUint64(at + size - 8, true)
      // A record of eight bytes is its number alone.
      return { sequence: Number(sequence), whole: size === 8 || end === BigInt.asUintN(64, ~sequence) }
    },
  }
}

const counts: Codec<{ emitted: number; refused: number }> = {
  size: 16,
  read: (view, at) => ({
    emitted: Number(view.getBigUint64(at, true)),
    refused: Number(view.getBigUint64(at + 8, true)),
  }),
  write: () => undefined,
}

export type ProgramName = 'emit' | 'reserve' | 'hold'

/** What is to be handed out. */
export interface Order {
  readonly program?: ProgramName
  readonly count: number
  readonly size?: number
  /** The number of the first record. */
  readonly first?: number
  readonly cpu?: number
}

/** emit.bpf.c in the kernel, and a reader of what it hands out. */
export class Emitter<T = Numbered> {
  readonly object: BpfObject
  readonly records: RecordBuffer<T>

  /**
   * @param bytes of the ring buffer, or of the perf buffer of each CPU
   * @param decoder of records; `numbered(size)` for records of emit.bpf.c
   */
  constructor(kind: BufferKind, bytes: number, decoder: RecordDecoder<T>) {
    this.object = loadObject(readFixture('emit'), {
      // Records are written in place in a ring buffer alone.
      programs: kind === 'ringbuf' ? ['emit', 'reserve', 'hold'] : ['emit'],
      constants: { ring_buffer: kind === 'ringbuf' },
      maps: {
        events:
          kind === 'ringbuf' ? { maxEntries: bytes } : { kind: 'perf_event_array' as const, maxEntries: 0 },
      },
    })
    try {
      this.records = this.object.records('events', decoder, bytes)
    } catch (error) {
      this.object.close()
      throw error
    }
  }

  /** The number of a program, for another process to run it. */
  programId(program: ProgramName): number {
    return programId(this.object.program(program).fileDescriptor)
  }

  /** Runs a program; the number that the next record would have. */
  emit({ program: name = 'emit', count, size = 24, first = 0, cpu = onlineCpus()[0] ?? 0 }: Order): number {
    const program = this.object.program(name).fileDescriptor
    for (let done = 0; done < count; done += MOST_RECORDS) {
      const result = runProgram(program, [Math.min(count - done, MOST_RECORDS), size, first + done, 0], cpu)
      if (result !== 0) throw new Error(`BPF_PROG_TEST_RUN: errno ${-result}`)
    }
    return first + count
  }

  /** What the program has counted itself: records that it tried to hand out, and those that the buffer refused. */
  counts(): { emitted: number; refused: number } {
    const sums = { emitted: 0, refused: 0 }
    for (const each of this.object.perCpuMap('counts', u32, counts).get(0) ?? []) {
      sums.emitted += each.emitted
      sums.refused += each.refused
    }
    return sums
  }

  /** Drains all that is there. */
  drained(): T[] {
    const found: T[] = []
    while (this.records.drain((record) => found.push(record)) > 0);
    return found
  }

  close(): void {
    this.object.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
