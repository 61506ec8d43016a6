import type { BpfError } from '@hivetap/bpf'
import { NoRungError, openTool } from '../probes/open-tool.js'
import { type AnyTool, BUFFERS, type BufferKind, type Rung } from '../probes/tool.js'
import { mendFor } from './mend.js'

/** A step of a tool's ladder on this host. */
export interface StepReport {
  readonly rung: Rung
  readonly buffer: BufferKind
  readonly works: boolean
  /** Why it does not. */
  readonly reason?: string
  /** What would mend it: a command, and lines of a pod's manifest. */
  readonly mend?: string
  readonly manifest?: string
  /** Fields that it cannot fill, with what would. */
  readonly missing?: Readonly<Record<string, string>>
}

/** What a tool can do on this host. */
export interface ToolReport {
  readonly tool: string
  readonly runs: boolean
  /** The step that it takes when nothing is asked for. */
  readonly rung?: Rung
  readonly buffer?: BufferKind
  readonly steps: readonly StepReport[]
}

/** Tries every step of a tool's ladder: loads, attaches, and takes it back. */
export function examineTool(tool: AnyTool): ToolReport {
  const steps = tool.rungs.flatMap((rung) => BUFFERS.map((buffer) => tryStep(tool, rung, buffer)))
  const taken = steps.find((step) => step.works)
  return {
    tool: tool.name,
    runs: taken !== undefined,
    ...(taken === undefined ? {} : { rung: taken.rung, buffer: taken.buffer }),
    steps,
  }
}

function tryStep(tool: AnyTool, rung: Rung, buffer: BufferKind): StepReport {
  try {
    const { session } = openTool(tool, {}, { rung, buffer })
    const missing = Object.fromEntries(session.missing)
    session.close()
    return { rung, buffer, works: true, ...(session.missing.size === 0 ? {} : { missing }) }
  } catch (error) {
    if (!(error instanceof NoRungError)) throw error
    const cause: BpfError = error.refusals[0]?.error ?? error
    return { rung, buffer, works: false, reason: cause.message, ...mendFor(cause) }
  }
}
