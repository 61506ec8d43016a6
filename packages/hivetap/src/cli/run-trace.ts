import { monotonicNs } from '@hivetap/bpf'
import { followTool, type Names, onlyPods } from '../kubernetes/names.js'
import { countedOnce } from '../probes/connects/counted-once.js'
import { sampleOf } from '../probes/filters.js'
import type { Opened } from '../probes/open-tool.js'
import { type OpenedTrace, openTrace } from '../probes/open-trace.js'
import type { TracedEvent } from '../probes/shared-events.js'
import { timeOfDayColumn } from '../probes/time-columns.js'
import type { AnyTool, Session } from '../probes/tool.js'
import { EventIds, type JsonOptions } from '../sinks/json-lines.js'
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
import { nodeOfRun } from './names-of-run.js'
import { formatOf, openRunNames } from './run-names.js'
import type { RunOptions } from './run-options.js'
import { wishOf } from './run-tool.js'
import { STDOUT, tell } from './standard-streams.js'

/** Runs several tools until a signal, the duration, or the end of whoever reads them. */
export async function runTrace(
  tools: readonly AnyTool[],
  options: Readonly<Record<string, unknown>>,
  run: RunOptions,
): Promise<void> {
  await untilSignal(async (stop) => {
    using names = await openRunNames(run, {}, stop.signal)
    const trace = openTrace(
      tools.map((tool) => ({ tool, options: onlyPods(options, names) })),
      wishOf(run),
    )
    try {
      await tell(describeTrace(tools, trace.opened, run))
      await follow(runOf(trace, options, run, names), run, stop)
    } finally {
      trace.close()
    }
  })
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
  { tools, opened, decoder, records, detach }: OpenedTrace,
  options: Readonly<Record<string, unknown>>,
  run: RunOptions,
  names: Names | undefined,
): Run<TracedEvent> {
  const format = formatter(tools, options, run, names)
  const countedBy = countedOnce(tools.map((tool) => ({ tool, options })))
  const sink = new TracedSink(
    tools.map((tool, index) => {
      const { session } = opened[index] as Opened<Session<unknown>>
      const { identify, wanted } = followTool<unknown, unknown>(tool, options, session, names)
      return {
        tool: tool.name,
        format: format(tool, session, { identify, countedBy: countedBy[index] }),
        wanted,
      }
    }),
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
      detach()
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
  run: RunOptions,
  names: Names | undefined,
): (
  tool: AnyTool,
  session: Session<unknown>,
  said: Pick<JsonOptions<unknown>, 'identify' | 'countedBy'>,
) => LineFormat<unknown> {
  const json = {
    sample: sampleOf(options),
    host: nodeOfRun(run),
    clock: new WallClock(),
    ids: new EventIds(),
  }
  const width = Math.max(...tools.map(({ name }) => name.length))
  const time = timeOfDayColumn('TIME')
  return (tool, session, said) => {
    const format = toolFormat(tool, options, session, formatOf(run, names), { ...json, ...said })
    if (run.output !== 'table') return format
    return new ToolTable(tool, format, width, (event) => time.text({ timeNs: tool.timeNs(event) }) ?? '')
  }
}
