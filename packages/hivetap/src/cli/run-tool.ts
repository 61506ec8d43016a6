import { releaseKernelBtf } from '@hivetap/bpf'
import { openTool } from '../probes/open-tool.js'
import type { Session, Tool } from '../probes/tool.js'
import { JsonLines } from '../sinks/json-lines.js'
import { Output } from '../sinks/output.js'
import { Table } from '../sinks/table.js'
import { TextSink } from '../sinks/text-sink.js'
import type { Sink } from '../stream/sink.js'
import { Wanted } from '../stream/wanted.js'
import { describePlacement } from './describe-placement.js'
import { untilSignal } from './end-of-run.js'
import { follow, type Run } from './follow.js'
import type { RunOptions } from './run-options.js'
import { STDOUT, tell } from './standard-streams.js'

/** Runs a tool until a signal, its duration, or the end of whoever reads it. */
export async function runTool<E, O>(tool: Tool<E, O>, options: O, run: RunOptions): Promise<void> {
  await untilSignal(async (stop) => {
    const opened = openTool(tool, options, wishOf(run))
    const { session } = opened
    try {
      // Five megabytes that a long run has no more use for.
      releaseKernelBtf()
      await tell(describePlacement(tool, opened, run.verbose === true))
      await follow(runOf(tool, options, session, run), run, stop)
    } finally {
      session.close()
    }
  })
}

/** What of the ladder a run asks for. */
export function wishOf({ hook, buffer }: RunOptions) {
  return { ...(hook === undefined ? {} : { rung: hook }), ...(buffer === undefined ? {} : { buffer }) }
}

function runOf<E, O>(tool: Tool<E, O>, options: O, session: Session<E>, run: RunOptions): Run<E> {
  const { name, subject } = tool
  const { events } = session
  const text = new TextSink(formatFor(tool, options, session, run), new Output(STDOUT))
  const wanted = tool.wanted?.(options)
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

function formatFor<E, O>(tool: Tool<E, O>, options: O, { missing }: Session<E>, { output }: RunOptions) {
  if (output === 'json') return new JsonLines<E>(tool, { missing, sample: sampleOf(options) })
  return new Table(tool.columns(options), (event: E) => tool.remark(event, options), missing)
}

/** Of how many things one is told, as every tool can be asked. */
export function sampleOf(options: unknown): number | undefined {
  return (options as { readonly sample?: number }).sample
}
