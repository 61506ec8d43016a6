import type { Opened } from '../probes/open-tool.js'
import type { AnyTool, Attached } from '../probes/tool.js'

/** What is worth saying, before the first event, of how a tool was attached. */
export function describePlacement(
  { subject, sizes: [wished] }: AnyTool,
  { session, refusals, reduced }: Pick<Opened<Attached>, 'session' | 'refusals' | 'reduced'>,
  verbose: boolean,
  counting = false,
): string {
  const { rung, buffer, sizes } = session.placement
  const lines: string[] = []
  if (reduced !== undefined) {
    const less = [
      `following at most ${sizes.entries} ${subject} at once instead of ${wished.entries}`,
      ...(sizes.textBytes === wished.textBytes
        ? []
        : [`keeping at most ${sizes.textBytes} bytes of text of each instead of ${wished.textBytes}`]),
    ]
    lines.push(`locked memory is short: ${less.join(', ')}. ${reduced.hint ?? ''}`)
  }
  if (verbose) {
    const how = counting
      ? 'counting in the kernel'
      : `events through a ${buffer === 'perf' ? 'perf buffer a CPU' : 'ring buffer'}`
    lines.push(`attached by ${rung}, ${how}`)
    for (const refusal of refusals) lines.push(`not by ${refusal.rung}: ${refusal.error.message}`)
    for (const [field, takes] of session.missing) lines.push(`${field} is not known here; it takes ${takes}`)
  }
  return lines.map((line) => `hivetap: ${line}\n`).join('')
}
