import { randomUUID } from 'node:crypto'
import { followTool, onlyPods } from '../kubernetes/names.js'
import { countedOnce } from '../probes/connects/counted-once.js'
import { sampleOf } from '../probes/filters.js'
import type { Opened } from '../probes/open-tool.js'
import { openTrace } from '../probes/open-trace.js'
import type { Session } from '../probes/tool.js'
import type { AgentConfig, ToolConfig, ToolState } from './agent.js'
import { attachWhatCan, refusedStates, tellRefused } from './attach-what-can.js'
import { Capture } from './capture.js'
import type { Capturing } from './capturing.js'
import type { EpochsOptions } from './epochs.js'
import { Recorder } from './recorder.js'

/** A capture, with what was opened for it. */
export interface OpenCapture {
  readonly capture: Capturing
  readonly tools: readonly ToolState[]
}

/**
 * Attaches the tools of a configuration, as many as can be, for an epoch of its own.
 *
 * @throws {BpfError} if one cannot be attached that is required, or none
 */
export function openCapture(
  config: AgentConfig,
  { spool, log, names }: Pick<EpochsOptions, 'spool' | 'log' | 'names'>,
): OpenCapture {
  const { node, queue, accountIntervalMs } = config
  const attach = (some: readonly ToolConfig[]) =>
    openTrace(
      some.map(({ tool, options }) => ({ tool, options: onlyPods(options, names) })),
      wishOf(config),
    )
  const { attached: trace, tools, refused } = attachWhatCan(config.tools, attach)
  tellRefused(refused, log)
  const countedBy = countedOnce(tools)
  const recorder = new Recorder(
    tools.map(({ tool, options }, index) => {
      const { session } = trace.opened[index] as Opened<Session<unknown>>
      const followed = followTool<unknown, unknown>(tool, options, session, names)
      return {
        tool,
        missing: session.missing,
        sample: sampleOf(options),
        countedBy: countedBy[index],
        ...followed,
      }
    }),
    {
      spool,
      node,
      batch: { records: queue.batchRecords, bytes: queue.batchBytes },
      epoch: randomUUID(),
      firstSequence: 0,
      eventsBefore: 0,
      summaries: config.summaries,
    },
  )
  const capture = new Capture(trace, recorder, { lingerMs: queue.delayMs, accountEveryMs: accountIntervalMs })
  const states = trace.opened.map(({ session: { placement } }, index): ToolState => {
    const { rung, buffer } = placement
    return { tool: tools[index]?.tool.name ?? '', attached: true, rung, buffer }
  })
  return { capture, tools: [...states, ...refusedStates(refused)] }
}

/** @throws {BpfError} if this tool alone cannot be attached now */
export function tryTool(tool: ToolConfig, config: AgentConfig): void {
  openTrace([tool], wishOf(config)).close()
}

function wishOf({ hook, buffer }: AgentConfig): Parameters<typeof openTrace>[1] {
  return {
    ...(hook === undefined ? {} : { rung: hook }),
    ...(buffer.kind === undefined ? {} : { buffer: buffer.kind }),
    ...(buffer.bytes === undefined ? {} : { bytes: buffer.bytes }),
  }
}
