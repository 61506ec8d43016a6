import { type RecordDecoder, SharedRecords } from '@hivetap/bpf'
import { bufferBytes } from './events-map.js'
import type { AnyTool, BufferKind } from './tool.js'

/** An event of one of several tools that share a buffer. */
export interface TracedEvent {
  /** Which of them. */
  readonly toolIndex: number
  readonly event: unknown
}

/** What came from a tool. */
export interface ToolReceipts {
  received: number
  malformed: number
}

/** EVENT_HEAD of event-head.h: a time of 64 bits, then the tool's index. */
const TOOL_INDEX_AT = 8
const HEAD_SIZE = 12

/** Reads the events of several tools, and counts what came from each. */
export class SharedDecoder implements RecordDecoder<TracedEvent> {
  readonly size = HEAD_SIZE
  readonly receipts: readonly ToolReceipts[]
  readonly #tools: readonly Pick<AnyTool, 'decoder'>[]

  constructor(tools: readonly Pick<AnyTool, 'decoder'>[]) {
    this.#tools = tools
    this.receipts = tools.map(() => ({ received: 0, malformed: 0 }))
  }

  read(view: DataView, at: number, length: number): TracedEvent | undefined {
    const toolIndex = view.getUint32(at + TOOL_INDEX_AT, true)
    const decoder = this.#tools[toolIndex]?.decoder
    const receipts = this.receipts[toolIndex]
    // Whose it was cannot be told: in that one's account it stands as what its buffer had no room for.
    if (decoder === undefined || receipts === undefined) return undefined
    const event: unknown = length < decoder.size ? undefined : decoder.read(view, at, length)
    if (event === undefined) {
      receipts.malformed++
      return undefined
    }
    receipts.received++
    return { toolIndex, event }
  }
}

/** Bytes of the buffer that several tools share, unless told. */
export const BUFFER_BYTES = 2 << 20

/**
 * Makes a buffer that several tools write to.
 *
 * @throws {UnsupportedError} {NotPermittedError} {MemlockError} {SystemCallError}
 */
export function openSharedRecords(kind: BufferKind, bytes: number = BUFFER_BYTES): SharedRecords {
  return new SharedRecords({ kind, bytes: bufferBytes(kind, bytes) })
}
