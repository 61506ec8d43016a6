import { releaseKernelBtf } from '@hivetap/bpf'
import { describeBalance, hasLosses } from '../probes/balance.js'
import { type Opened, openTool } from '../probes/open-tool.js'
import type { BufferKind, Rung, Session, Tool } from '../probes/tool.js'
import { JsonLines } from '../sinks/json-lines.js'
import { Output } from '../sinks/output.js'
import { Table } from '../sinks/table.js'
import { TextSink } from '../sinks/text-sink.js'
import { drainRest, pump } from '../stream/pump.js'
import type { Sink } from '../stream/sink.js'

/** What every tool can be told. */
export interface RunOptions {
  readonly output: 'table' | 'json'
  /** Seconds after which it ends by itself. */
  readonly duration?: number
  readonly stats: boolean
  readonly verbose: boolean
  readonly hook?: Rung
  readonly buffer?: BufferKind
}

/** How long the reader has, at the end, to take what is queued. */
const LAST_FLUSH_MS = 2000
const STDOUT = 1

/** Runs a tool until a signal, its duration, or the end of whoever reads it. */
export async function runTool<E, O>(tool: Tool<E, O>, options: O, run: RunOptions): Promise<void> {
  const stop = new AbortController()
  const release = onSignals(() => stop.abort())
  try {
    const opened = openTool(tool, options, wishOf(run))
    // Five megabytes that a long run has no more use for.
    releaseKernelBtf()
    tellPlacement(tool, opened, run.verbose)
    const { session } = opened
    try {
      await follow(session, sinkFor(tool, options, session, run), run, stop)
    } finally {
      session.close()
    }
  } finally {
    release()
  }
}

function wishOf(run: RunOptions) {
  return {
    ...(run.hook === undefined ? {} : { rung: run.hook }),
    ...(run.buffer === undefined ? {} : { buffer: run.buffer }),
  }
}

/** The first signal ends the run in order; a second one at once. */
function onSignals(stop: () => void): () => void {
  const handler = () => {
    stop()
    process.once('SIGINT', () => process.exit(130))
    process.once('SIGTERM', () => process.exit(143))
  }
  process.once('SIGINT', handler)
  process.once('SIGTERM', handler)
  return () => {
    process.removeAllListeners('SIGINT')
    process.removeAllListeners('SIGTERM')
  }
}

function tellPlacement<E, O>(
  tool: Tool<E, O>,
  { session, refusals, reduced }: Opened<E>,
  verbose: boolean,
): void {
  const { rung, buffer, sizes } = session.placement
  if (reduced !== undefined) {
    process.stderr.write(
      `hivetap: locked memory is short: following at most ${sizes.entries} connects at once instead of ${tool.sizes[0].entries}. ${reduced.hint ?? ''}\n`,
    )
  }
  if (!verbose) return
  process.stderr.write(
    `hivetap: attached by ${rung}, events through a ${buffer === 'perf' ? 'perf buffer a CPU' : 'ring buffer'}\n`,
  )
  for (const refusal of refusals)
    process.stderr.write(`hivetap: not by ${refusal.rung}: ${refusal.error.message}\n`)
  for (const [field, takes] of session.missing)
    process.stderr.write(`hivetap: ${field} is not known here; it takes ${takes}\n`)
}

function sinkFor<E, O>(tool: Tool<E, O>, options: O, session: Session<E>, run: RunOptions): Sink<E> {
  const format =
    run.output === 'json'
      ? new JsonLines<E>(tool, session.missing)
      : new Table(tool.columns(options), (event: E) => tool.remark(event, options))
  return new TextSink(format, new Output(STDOUT))
}

async function follow<E>(
  session: Session<E>,
  sink: Sink<E>,
  run: RunOptions,
  stop: AbortController,
): Promise<void> {
  const timer = run.duration === undefined ? undefined : setTimeout(() => stop.abort(), run.duration * 1000)
  try {
    await sink.open(stop.signal)
    await pump(session.events, sink, stop.signal)
    session.detach()
    await drainRest(session.events, sink, AbortSignal.timeout(LAST_FLUSH_MS))
  } finally {
    clearTimeout(timer)
    sink.close()
    tellBalance(session, sink.delivered, run)
  }
}

function tellBalance<E>(session: Session<E>, delivered: number, run: RunOptions): void {
  const balance = session.balance(delivered)
  if (run.stats || hasLosses(balance))
    process.stderr.write(`hivetap: ${describeBalance(balance, 'connects')}\n`)
}
