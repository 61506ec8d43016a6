import { BpfError, monotonicNs, type RecordBuffer, releaseKernelBtf, type SharedRecords } from '@hivetap/bpf'
import { type Opened, openTool } from '../probes/open-tool.js'
import { openSharedRecords, SharedDecoder, type TracedEvent } from '../probes/shared-events.js'
import { timeOfDayColumn } from '../probes/time-columns.js'
import { type AnyTool, BUFFERS, type Session } from '../probes/tool.js'
import { EventIds } from '../sinks/json-lines.js'
import { Output } from '../sinks/output.js'
import type { LineFormat } from '../sinks/text-sink.js'
import { toolFormat } from '../sinks/tool-format.js'
import { ToolTable } from '../sinks/tool-table.js'
import { TracedSink } from '../sinks/traced-sink.js'
import { WallClock } from '../sinks/wall-clock.js'
import { InTimeOrder } from '../stream/in-time-order.js'
import { describePlacement } from './describe-placement.js'
import { untilSignal } from './end-of-run.js'
import { follow, type Run } from './follow.js'
import type { RunOptions } from './run-options.js'
import { sampleOf, wishOf } from './run-tool.js'
import { STDOUT, tell } from './standard-streams.js'

/** Several tools that are attached, and the buffer that they write to. */
interface OpenedTrace {
  readonly tools: readonly AnyTool[]
  readonly opened: readonly Opened<Session<unknown>>[]
  readonly decoder: SharedDecoder
  readonly records: RecordBuffer<TracedEvent>
}

/** Runs several tools until a signal, the duration, or the end of whoever reads them. */
export async function runTrace(
  tools: readonly AnyTool[],
  options: Readonly<Record<string, unknown>>,
  run: RunOptions,
): Promise<void> {
  await untilSignal(async (stop) => {
    const shared = openBuffer(run)
    const opened: Opened<Session<unknown>>[] = []
    try {
      const decoder = new SharedDecoder(tools)
      // Before anything is attached: a perf buffer must be there before a program writes to it.
      const records = shared.records(decoder)
      for (const [toolIndex, tool] of tools.entries()) {
        const wish = { ...wishOf(run), buffer: records.kind, shared, toolIndex }
        opened.push(openTool(tool, options, wish))
      }
      releaseKernelBtf()
      await tell(describeTrace(tools, opened, run))
      await follow(runOf({ tools, opened, decoder, records }, options, run), run, stop)
    } finally {
      for (const { session } of opened) session.close()
      shared.close()
    }
  })
}

/** The best kind of buffer that this kernel has. */
function openBuffer({ buffer }: RunOptions): SharedRecords {
  const [best, ...others] = buffer === undefined ? BUFFERS : [buffer]
  try {
    return openSharedRecords(best as (typeof BUFFERS)[number])
  } catch (error) {
    const [next] = others
    if (!(error instanceof BpfError) || error.needs === 'capabilities' || next === undefined) throw error
    return openSharedRecords(next)
  }
}

function describeTrace(
  tools: readonly AnyTool[],
  opened: readonly Opened<Session<unknown>>[],
  run: RunOptions,
): string {
  return tools
    .map((tool, index) => {
      const text = describePlacement(tool, opened[index] as Opened<Session<unknown>>, run.verbose === true)
      return text.replaceAll(/^hivetap: /gm, `hivetap: ${tool.name}: `)
    })
    .join('')
}

function runOf(
  { tools, opened, decoder, records }: OpenedTrace,
  options: Readonly<Record<string, unknown>>,
  run: RunOptions,
): Run<TracedEvent> {
  const format = formatter(tools, options, run)
  const sink = new TracedSink(
    tools.map((tool, index) => ({
      tool: tool.name,
      format: format(tool, opened[index] as Opened<Session<unknown>>),
      wanted: tool.wanted?.(options),
    })),
    new Output(STDOUT),
  )
  const source = new InTimeOrder<TracedEvent>(
    records,
    ({ toolIndex, event }) => (tools[toolIndex] as AnyTool).timeNs(event),
    () => Number(monotonicNs()),
  )
  return {
    source,
    sink,
    detach: () => {
      for (const { session } of opened) session.detach()
      source.end()
    },
    accounts: (ended) =>
      tools.map(({ name, subject }, index) => {
        const { session } = opened[index] as Opened<Session<unknown>>
        const { received = 0, malformed = 0 } = decoder.receipts[index] ?? {}
        const unwanted = sink.unwantedOf(index)
        const delivered = sink.deliveredOf(index)
        const balance = session.balance({ received, malformed, unwanted, delivered, ended })
        return { tool: name, subject, balance, ended }
      }),
  }
}

/** How the events of a tool are told: of all in one way, with one sequence of names. */
function formatter(
  tools: readonly AnyTool[],
  options: Readonly<Record<string, unknown>>,
  { output }: RunOptions,
): (tool: AnyTool, opened: Opened<Session<unknown>>) => LineFormat<unknown> {
  const json = { sample: sampleOf(options), clock: new WallClock(), ids: new EventIds() }
  const width = Math.max(...tools.map(({ name }) => name.length))
  const time = timeOfDayColumn('TIME')
  return (tool, { session }) => {
    const format = toolFormat(tool, options, session, output, json)
    if (output === 'json') return format
    return new ToolTable(tool, format, width, (event) => time.text({ timeNs: tool.timeNs(event) }) ?? '')
  }
}
