import { BpfError, type RecordBuffer, releaseKernelBtf, type SharedRecords } from '@hivetap/bpf'
import { type Opened, openTool, type Wish } from './open-tool.js'
import { openSharedRecords, SharedDecoder, type TracedEvent } from './shared-events.js'
import { type AnyTool, BUFFERS, type Session } from './tool.js'

/** A tool, and what it is asked. */
export interface ToolRequest {
  readonly tool: AnyTool
  readonly options: unknown
}

/** Several tools that are attached, and the buffer that they write to. */
export interface OpenedTrace {
  readonly tools: readonly AnyTool[]
  readonly opened: readonly Opened<Session<unknown>>[]
  readonly decoder: SharedDecoder
  readonly records: RecordBuffer<TracedEvent>
  /** Stops the programs; what they have said can still be read. */
  detach(): void
  /** Gives everything back to the kernel. */
  close(): void
}

/**
 * Attaches several tools that write to one buffer.
 *
 * @param wish what of the ladder is asked for, and the bytes of the buffer
 * @throws {NoRungError} {BpfError} if one of them cannot be had
 */
export function openTrace(
  requests: readonly ToolRequest[],
  { bytes, ...wish }: Pick<Wish, 'rung' | 'buffer'> & { readonly bytes?: number },
): OpenedTrace {
  const tools = requests.map(({ tool }) => tool)
  const shared = openBuffer(wish, bytes)
  const opened: Opened<Session<unknown>>[] = []
  const close = () => {
    for (const { session } of opened) session.close()
    shared.close()
  }
  try {
    const decoder = new SharedDecoder(tools)
    // Before anything is attached: a perf buffer must be there before a program writes to it.
    const records = shared.records(decoder)
    for (const [toolIndex, { tool, options }] of requests.entries())
      opened.push(openTool(tool, options, { ...wish, buffer: records.kind, shared, toolIndex }))
    // Five megabytes that a long run has no more use for.
    releaseKernelBtf()
    const detach = () => {
      for (const { session } of opened) session.detach()
    }
    return { tools, opened, decoder, records, detach, close }
  } catch (error) {
    close()
    throw error
  }
}

/** The best kind of buffer that this kernel has. */
function openBuffer({ buffer }: Pick<Wish, 'buffer'>, bytes: number | undefined): SharedRecords {
  const [best, ...others] = buffer === undefined ? BUFFERS : [buffer]
  try {
    return openSharedRecords(best as (typeof BUFFERS)[number], bytes)
  } catch (error) {
    const [next] = others
    if (!(error instanceof BpfError) || error.needs === 'capabilities' || next === undefined) throw error
    return openSharedRecords(next, bytes)
  }
}
