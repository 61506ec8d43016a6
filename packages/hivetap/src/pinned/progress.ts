import {
  type BpfMap,
  type Codec,
  createStandaloneMap,
  InvalidSpecError,
  openPinnedMap,
  u32,
} from '@hivetap/bpf'

/** What came of a tool's events, up to a position of the buffer. */
export interface ToolProgress {
  /** Events read. */
  readonly received: number
  /** Records that no event could be read from. */
  readonly malformed: number
  /** Events that were read, and left out by a filter that the kernel does not have. */
  readonly unwanted: number
}

/** How far the buffer was read by all runs of an epoch together, and what came of it. */
export interface Progress {
  readonly position: bigint
  readonly tools: readonly ToolProgress[]
}

const MOST_TOOLS = 32
const HEAD = 16
const TOOL = 24

/** Position u64, number of tools u64, then three u64 a tool: the kernel copies it whole, or not at all. */
const codec: Codec<Progress> = {
  size: HEAD + MOST_TOOLS * TOOL,
  read: (view, at) => {
    const count = Math.min(Number(view.getBigUint64(at + 8, true)), MOST_TOOLS)
    const number = (place: number) => Number(view.getBigUint64(place, true))
    return {
      position: view.getBigUint64(at, true),
      tools: Array.from({ length: count }, (_, index) => {
        const place = at + HEAD + index * TOOL
        return { received: number(place), malformed: number(place + 8), unwanted: number(place + 16) }
      }),
    }
  },
  write: (view, at, { position, tools }) => {
    if (tools.length > MOST_TOOLS)
      throw new InvalidSpecError(`${tools.length} tools are more than ${MOST_TOOLS}`)
    view.setBigUint64(at, position, true)
    view.setBigUint64(at + 8, BigInt(tools.length), true)
    for (const [index, { received, malformed, unwanted }] of tools.entries()) {
      const place = at + HEAD + index * TOOL
      view.setBigUint64(place, BigInt(received), true)
      view.setBigUint64(place + 8, BigInt(malformed), true)
      view.setBigUint64(place + 16, BigInt(unwanted), true)
    }
  },
}

export type ProgressMap = BpfMap<number, Progress>

/** Makes a map of a run that begins, and pins it. @throws {BpfError} */
export function pinProgress(path: string, tools: number): void {
  using map = createStandaloneMap({ name: 'progress', kind: 'array', maxEntries: 1 }, u32, codec)
  map.set(0, { position: 0n, tools: Array(tools).fill({ received: 0, malformed: 0, unwanted: 0 }) })
  map.pin(path)
}

/** Opens it where it is pinned. @throws {BpfError} */
export function openProgress(path: string): ProgressMap {
  return openPinnedMap(path, { kind: 'array', maxEntries: 1 }, u32, codec)
}
