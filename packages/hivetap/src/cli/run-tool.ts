import { releaseKernelBtf } from '@hivetap/bpf'
import { followTool, type Names, onlyPods } from '../kubernetes/names.js'
import type { Counted, Counting, CountOptions, CountSession } from '../probes/counting.js'
import { sampleOf } from '../probes/filters.js'
import { type Openable, openTool } from '../probes/open-tool.js'
import type { AnyTool, Attached, Column, Session, Tool } from '../probes/tool.js'
import { JsonLines } from '../sinks/json-lines.js'
import { Output } from '../sinks/output.js'
import { RoundsTable } from '../sinks/rounds-table.js'
import { RowLines } from '../sinks/row-lines.js'
import { Table } from '../sinks/table.js'
import { type LineFormat, TextSink } from '../sinks/text-sink.js'
import { toolFormat } from '../sinks/tool-format.js'
import { Rounds } from '../stream/rounds.js'
import type { Sink } from '../stream/sink.js'
import { Wanted } from '../stream/wanted.js'
import { Weighed } from '../stream/weighed.js'
import { describePlacement } from './describe-placement.js'
import { untilSignal } from './end-of-run.js'
import { follow, type Run } from './follow.js'
import { type NamingOptions, nodeOfRun } from './names-of-run.js'
import { formatOf, openRunNames } from './run-names.js'
import type { RunOptions } from './run-options.js'
import { STDOUT, tell } from './standard-streams.js'

/** Runs a tool until a signal, its duration, or the end of whoever reads it: it tells each thing, or counts them. */
export async function runTool<E, O>(tool: Tool<E, O>, options: O, run: RunOptions): Promise<void> {
  const { name, rungs, sizes, counting } = tool
  if (counting === undefined || !isCounting(options)) {
    await runOpened(tool, tool, options, run, (session, names) => runOf(tool, options, session, run, names))
    return
  }
  const counter = { name, rungs, sizes, open: counting.open }
  await runOpened(tool, counter, options, run, (session, names) => {
    names?.follow(tool, session)
    return countingRunOf(tool, counting, options, session, run)
  })
}

async function runOpened<S extends Attached, O, E>(
  tool: AnyTool,
  openable: Openable<S, O>,
  options: O,
  run: RunOptions,
  runOfSession: (session: S, names: Names | undefined) => Run<E>,
): Promise<void> {
  await untilSignal(async (stop) => {
    using names = await openRunNames(run, options as NamingOptions, stop.signal)
    const told = isCounting(options) ? 'counts' : 'events'
    const opened = openTool(openable, onlyPods(options, names, told), wishOf(run))
    const { session } = opened
    try {
      // Five megabytes that a long run has no more use for.
      releaseKernelBtf()
      await tell(describePlacement(tool, opened, run.verbose === true, isCounting(options)))
      await follow(runOfSession(session, names), run, stop)
    } finally {
      session.close()
    }
  })
}

/** What of the ladder a run asks for. */
export function wishOf({ hook, buffer }: RunOptions) {
  return { ...(hook === undefined ? {} : { rung: hook }), ...(buffer === undefined ? {} : { buffer }) }
}

function runOf<E, O>(
  tool: Tool<E, O>,
  options: O,
  session: Session<E>,
  run: RunOptions,
  names: Names | undefined,
): Run<E> {
  const { name, subject } = tool
  const { events } = session
  const { identify, wanted } = followTool(tool, options, session, names)
  const format = toolFormat(tool, options, session, formatOf(run, names), {
    sample: sampleOf(options),
    host: nodeOfRun(run),
    identify,
  })
  const text = new TextSink(format, new Output(STDOUT))
  const filter = wanted === undefined ? undefined : new Wanted(wanted, text)
  const sink: Sink<E> = filter ?? text
  return {
    source: events,
    sink,
    detach: () => session.detach(),
    accounts: (ended) => {
      const { received, malformed } = events
      const unwanted = filter?.unwanted ?? 0
      const balance = session.balance({ received, malformed, unwanted, delivered: sink.delivered, ended })
      return [{ tool: name, subject, balance, ended }]
    },
  }
}

/** The run of a tool that counts. */
function countingRunOf<K, O>(
  { name, subject }: Pick<AnyTool, 'name' | 'subject'>,
  counting: Counting<K, O>,
  options: O,
  session: CountSession<K>,
  run: RunOptions,
): Run<Counted<K>> {
  const { counts } = session
  const format = countingFormat(name, counting, options, session, run)
  const sink = new Weighed<Counted<K>>(({ count }) => count, new TextSink(format, new Output(STDOUT)))
  const { interval } = options as CountOptions
  const rounds = new Rounds((last) => counts.read(last), interval === undefined ? undefined : interval * 1000)
  return {
    source: rounds,
    sink,
    detach: () => {
      session.detach()
      rounds.end()
    },
    accounts: (ended) => {
      const { taken } = counts
      const received = { received: 0, malformed: 0, taken, delivered: sink.delivered, ended }
      return [{ tool: name, subject, balance: session.balance(received), ended }]
    },
  }
}

/** How counts are told; as a table, in rounds. */
function countingFormat<K, O>(
  name: string,
  counting: Counting<K, O>,
  options: O,
  { missing }: Pick<CountSession<K>, 'missing'>,
  run: RunOptions,
): LineFormat<Counted<K>> {
  const timeNs = (row: Counted<K>) => row.timeNs
  const { output } = run
  const columns = counting.columns(options)
  const tableOf = (shown: readonly Column<Counted<K>>[]) => new Table(shown, () => undefined, missing)
  if (output === 'table') return new RoundsTable(tableOf(columns), timeNs)
  const lines = new JsonLines<Counted<K>>(
    { name, fields: counting.fields(options), timeNs },
    { missing, sample: sampleOf(options), host: nodeOfRun(run) },
  )
  return output === 'json' ? lines : new RowLines(name, lines, columns, tableOf, ({ count }) => count)
}

function isCounting(options: unknown): boolean {
  return (options as CountOptions).count === true
}
