import { releaseKernelBtf } from '@hivetap/bpf'
import { type Balance, describeBalance, hasLosses } from '../probes/balance.js'
import { type Opened, openTool } from '../probes/open-tool.js'
import type { BufferKind, Rung, Session, Tool } from '../probes/tool.js'
import { JsonLines } from '../sinks/json-lines.js'
import { Output } from '../sinks/output.js'
import { Table } from '../sinks/table.js'
import { TextSink } from '../sinks/text-sink.js'
import { discardRest, drainRest, pump } from '../stream/pump.js'
import type { Sink } from '../stream/sink.js'
import { STDOUT, tell } from './standard-streams.js'

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
/** What ends a run: Ctrl-C, a supervisor, a terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs a tool until a signal, its duration, or the end of whoever reads it. */
export async function runTool<E, O>(tool: Tool<E, O>, options: O, run: RunOptions): Promise<void> {
  const stop = new AbortController()
  const release = onSignals(() => stop.abort())
  try {
    const opened = openTool(tool, options, wishOf(run))
    const { session } = opened
    try {
      // Five megabytes that a long run has no more use for.
      releaseKernelBtf()
      await tell(describePlacement(tool, opened, run.verbose))
      await follow(tool.subject, session, sinkFor(tool, options, session, run), run, stop)
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

/** The first signal ends the run in order. A second one, whichever it is, does what it does by itself: it ends the process. */
function onSignals(stop: () => void): () => void {
  let stopping = false
  const handler = (signal: NodeJS.Signals) => {
    if (stopping) {
      release()
      process.kill(process.pid, signal)
    }
    stopping = true
    stop()
  }
  const release = () => {
    for (const signal of SIGNALS) process.off(signal, handler)
  }
  for (const signal of SIGNALS) process.on(signal, handler)
  return release
}

function describePlacement<E, O>(
  tool: Tool<E, O>,
  { session, refusals, reduced }: Opened<E>,
  verbose: boolean,
): string {
  const { rung, buffer, sizes } = session.placement
  const lines: string[] = []
  if (reduced !== undefined) {
    lines.push(
      `locked memory is short: following at most ${sizes.entries} ${tool.subject} at once instead of ${tool.sizes[0].entries}. ${reduced.hint ?? ''}`,
    )
  }
  if (verbose) {
    lines.push(
      `attached by ${rung}, events through a ${buffer === 'perf' ? 'perf buffer a CPU' : 'ring buffer'}`,
    )
    for (const refusal of refusals) lines.push(`not by ${refusal.rung}: ${refusal.error.message}`)
    for (const [field, takes] of session.missing) lines.push(`${field} is not known here; it takes ${takes}`)
  }
  return lines.map((line) => `hivetap: ${line}\n`).join('')
}

function sinkFor<E, O>(tool: Tool<E, O>, options: O, session: Session<E>, run: RunOptions): Sink<E> {
  const format =
    run.output === 'json'
      ? new JsonLines<E>(tool, session.missing)
      : new Table(tool.columns(options), (event: E) => tool.remark(event, options), session.missing)
  return new TextSink(format, new Output(STDOUT))
}

async function follow<E>(
  subject: string,
  session: Session<E>,
  sink: Sink<E>,
  run: RunOptions,
  stop: AbortController,
): Promise<void> {
  const timer = run.duration === undefined ? undefined : setTimeout(() => stop.abort(), run.duration * 1000)
  try {
    try {
      await sink.open(stop.signal)
      await pump(session.events, sink, stop.signal)
    } finally {
      // Whatever ended it: the account is exact once nothing is written any more and all that was is read.
      session.detach()
    }
    await drainRest(session.events, sink, AbortSignal.timeout(LAST_FLUSH_MS))
  } finally {
    clearTimeout(timer)
    discardRest(session.events)
    sink.close()
    await tellBalance(subject, session.balance(sink.delivered), run)
  }
}

async function tellBalance(subject: string, balance: Balance, run: RunOptions): Promise<void> {
  if (run.stats || hasLosses(balance)) await tell(`hivetap: ${describeBalance(balance, subject)}\n`)
}
