import type { Opened } from '../probes/open-tool.js'
import type { AnyTool } from '../probes/tool.js'

/** What is worth saying, before the first event, of how a tool was attached. */
export function describePlacement(
  { subject, sizes: [wished] }: AnyTool,
  { session, refusals, reduced }: Pick<Opened<unknown>, 'session' | 'refusals' | 'reduced'>,
  verbose: boolean,
): string {
  const { rung, buffer, sizes } = session.placement
  const lines: string[] = []
  if (reduced !== undefined) {
    lines.push(
      `locked memory is short: following at most ${sizes.entries} ${subject} at once instead of ${wished.entries}. ${reduced.hint ?? ''}`,
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
