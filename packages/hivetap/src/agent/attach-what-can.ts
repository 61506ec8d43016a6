import { NoRungError } from '../probes/open-tool.js'
import type { AgentLog, ToolConfig, ToolState } from './agent.js'

/** A tool that cannot be attached, and why. */
export interface RefusedTool {
  readonly tool: ToolConfig
  readonly error: NoRungError
}

/** What was attached, of which tools, and which cannot be. */
export interface AttachedTools<T> {
  readonly attached: T
  readonly tools: readonly ToolConfig[]
  readonly refused: readonly RefusedTool[]
}

/**
 * Attaches tools without those that cannot be: a host that refuses one tells with the others.
 *
 * @param attach attaches all that it is given, or none
 * @throws {NoRungError} of a tool that is required; where none is left, of the first
 */
export function attachWhatCan<T>(
  wanted: readonly ToolConfig[],
  attach: (tools: readonly ToolConfig[]) => T,
): AttachedTools<T> {
  const refused: RefusedTool[] = []
  let tools = wanted
  for (;;) {
    try {
      return { attached: attach(tools), tools, refused }
    } catch (error) {
      const tool =
        error instanceof NoRungError ? tools.find((each) => each.tool.name === error.tool) : undefined
      if (!(error instanceof NoRungError) || tool === undefined || tool.required === true) throw error
      refused.push({ tool, error })
      tools = tools.filter((each) => each !== tool)
      if (tools.length === 0) throw refused[0]?.error
    }
  }
}

/**
 * Of tools those that cannot be attached now: each is tried for itself.
 *
 * @param attempt attaches one, and lets go of it again
 */
export function triedInVain(
  tools: readonly ToolConfig[],
  attempt: (tool: ToolConfig) => void,
): readonly RefusedTool[] {
  return tools.flatMap((tool) => {
    try {
      attempt(tool)
      return []
    } catch (error) {
      if (!(error instanceof NoRungError)) throw error
      return [{ tool, error }]
    }
  })
}

/** How tools do that could not be attached. */
export function refusedStates(refused: readonly RefusedTool[]): readonly ToolState[] {
  return refused.map(({ tool, error }) => ({ tool: tool.tool.name, attached: false, reason: error.message }))
}

/** Says which tools could not be attached, and what would help. */
export function tellRefused(refused: readonly RefusedTool[], log: AgentLog): void {
  for (const { tool, error } of refused)
    log.error('a tool cannot be attached: the others run without it, and SIGHUP tries it again', {
      tool: tool.tool.name,
      error: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    })
}
