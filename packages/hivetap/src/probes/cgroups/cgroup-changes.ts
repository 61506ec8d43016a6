import { type BatchOptions, BpfError, openKernelBtf, UnsupportedError } from '@hivetap/bpf'
import { bufferBytes } from '../events-map.js'
import { canCopyText } from '../kernel-types.js'
import { BUFFERS, type BufferKind, type Rung } from '../tool.js'
import { namesOf } from '../tool-cgroups.js'
import { v1Hierarchy } from '../v1-controller.js'
import { type CgroupChange as Change, cgroups as object } from './cgroups.bpf.js'

/** A cgroup that was made or removed. */
export interface CgroupChange {
  /** As events have it: `cgroupKey`. */
  readonly key: bigint
  readonly change: 'made' | 'removed'
  /** Its name and up to four above it, the innermost first; `undefined` where the kernel does not let them be read. */
  readonly names: readonly string[] | undefined
  /** When: nanoseconds of CLOCK_MONOTONIC. */
  readonly timeNs: number
}

/** How changes are to be read; what is not said is found. */
export interface CgroupChangesOptions {
  readonly rung?: ChangeRung
  readonly buffer?: BufferKind
  /** Bytes of the ring buffer, or of the perf buffer of each CPU: 256 KiB unless told, which are 500 changes. */
  readonly bytes?: number
}

const RUNGS = ['tp_btf', 'raw_tp'] as const
type ChangeRung = (typeof RUNGS)[number] & Rung

const PROGRAMS = {
  tp_btf: ['madeTpBtf', 'removedTpBtf'],
  raw_tp: ['madeRawTp', 'removedRawTp'],
} as const

const BYTES = 256 << 10

/**
 * Tells of cgroups as they are made and removed: of version 2, and of the hierarchy of version 1 that processes are told by.
 * A cgroup is told before anything runs in it. What was there before, `presentCgroups` has: open this first, so that nothing
 * falls between the two.
 *
 * @throws {UnsupportedError} without the kernel's BTF
 * @throws {BpfError} if it cannot be had: by the best rung and buffer, what that says
 */
export function openCgroupChanges(options: CgroupChangesOptions = {}): CgroupChanges {
  if (openKernelBtf() === undefined)
    throw new UnsupportedError('Cannot tell of cgroups as they come and go: the kernel has no BTF', {
      needs: 'kernel_btf',
      hint: 'Look at what is there now and then: presentCgroups.',
    })
  let refusal: BpfError | undefined
  for (const rung of options.rung === undefined ? RUNGS : [options.rung]) {
    for (const buffer of options.buffer === undefined ? BUFFERS : [options.buffer]) {
      try {
        return open(rung, buffer, options.bytes ?? BYTES)
      } catch (error) {
        if (!(error instanceof BpfError)) throw error
        refusal ??= error
      }
    }
  }
  throw refusal
}

function open(rung: ChangeRung, buffer: BufferKind, bytes: number): CgroupChanges {
  const withNames = canCopyText(rung)
  const loaded = object.load({
    constants: { ringBuffer: buffer === 'ringbuf', withNames, v1Hierarchy: v1Hierarchy().number },
    maps: { events: { kind: buffer, bytes: bufferBytes(buffer, bytes) } },
    programs: PROGRAMS[rung],
  })
  try {
    // Opened before anything is attached: a perf buffer must be there before a program writes to it.
    const { events } = loaded.maps
    for (const program of Object.values(loaded.programs)) program.attach()
    return new CgroupChanges({ rung, buffer, withNames, loaded, events })
  } catch (error) {
    loaded.close()
    throw error
  }
}

type Loaded = ReturnType<typeof object.load>

interface Parts {
  readonly rung: ChangeRung
  readonly buffer: BufferKind
  readonly withNames: boolean
  readonly loaded: Pick<Loaded, 'close'> & { readonly maps: Pick<Loaded['maps'], 'lost'> }
  readonly events: Loaded['maps']['events']
}

/** Cgroups that come and go, until it is closed. */
export class CgroupChanges {
  readonly rung: ChangeRung
  readonly buffer: BufferKind
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.rung = parts.rung
    this.buffer = parts.buffer
    this.#parts = parts
  }

  /** Why changes have no names, where they have none. */
  get namesMissing(): string | undefined {
    return this.#parts.withNames ? undefined : 'a kernel booted without lockdown=confidentiality'
  }

  /** Changes as they come, in their order; ends when `signal` aborts, or this is closed. */
  async *batches(options?: BatchOptions): AsyncGenerator<readonly CgroupChange[], void, void> {
    for await (const batch of this.#parts.events.batches(options))
      yield batch.map((change) => this.#told(change))
  }

  /**
   * Changes that were lost so far, since nobody read in time: then what is there is to be looked at again.
   *
   * @throws {SystemCallError} {ClosedError}
   */
  lost(): number {
    const { events, loaded } = this.#parts
    const counts = loaded.maps.lost.get(0) ?? []
    return counts.reduce((sum, count) => sum + Number(count), 0) + events.malformed
  }

  /** Detaches the programs, and gives everything back to the kernel. */
  close(): void {
    this.#parts.loaded.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #told({ key, change, names, timeNs }: Change): CgroupChange {
    return { key, change, names: this.#parts.withNames ? namesOf(names) : undefined, timeNs }
  }
}
