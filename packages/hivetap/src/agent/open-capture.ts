import { randomUUID } from 'node:crypto'
import { sampleOf } from '../probes/filters.js'
import { openTrace } from '../probes/open-trace.js'
import type { Spool } from '../spool/spool.js'
import type { AgentConfig, ToolState } from './agent.js'
import { Capture } from './capture.js'
import type { Capturing } from './capturing.js'
import { Recorder } from './recorder.js'

/** A capture, with what was opened for it. */
export interface OpenCapture {
  readonly capture: Capturing
  readonly tools: readonly ToolState[]
}

/**
 * Attaches the tools of a configuration, for an epoch of its own.
 *
 * @throws {BpfError} if a tool cannot be attached
 */
export function openCapture(config: AgentConfig, spool: Spool): OpenCapture {
  const { node, tools, hook, buffer, queue, accountIntervalMs } = config
  const trace = openTrace(tools, {
    ...(hook === undefined ? {} : { rung: hook }),
    ...(buffer.kind === undefined ? {} : { buffer: buffer.kind }),
    ...(buffer.bytes === undefined ? {} : { bytes: buffer.bytes }),
  })
  const recorder = new Recorder(
    tools.map(({ tool, options }, index) => ({
      tool,
      missing: trace.opened[index]?.session.missing ?? new Map(),
      sample: sampleOf(options),
      wanted: tool.wanted?.(options),
    })),
    {
      spool,
      node,
      batch: { records: queue.batchRecords, bytes: queue.batchBytes },
      epoch: randomUUID(),
      firstSequence: 0,
      eventsBefore: 0,
    },
  )
  const capture = new Capture(trace, recorder, { lingerMs: queue.delayMs, accountEveryMs: accountIntervalMs })
  const states = trace.opened.map(({ session: { placement } }, index): ToolState => {
    const { rung, buffer } = placement
    return { tool: tools[index]?.tool.name ?? '', attached: true, rung, buffer }
  })
  return { capture, tools: states }
}
