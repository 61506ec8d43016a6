import { z } from 'zod'
import { MOST_EXAMPLES } from '../../detect/summary/connect-summary.js'
import { TOOLS } from '../../probes/tools.js'
import { durationSetting } from '../../settings/duration-setting.js'
import { isSummable } from '../summaries/connect-facts.js'

const time = (least: string, most: string) => durationSetting(least, most).meta({ value: 'TIME' })
const SUMMABLE = TOOLS.filter(isSummable).map(({ name }) => name)

/** The key `summaries`. Without it, each event is told. */
export const SUMMARIES = z
  .strictObject({
    tools: z
      .array(z.string().meta({ examples: SUMMABLE }))
      .min(1, { error: 'names no tool' })
      .max(16, { error: 'names more than 16 tools' })
      .meta({ value: 'NAME' })
      .describe('Tools whose connects are told in summaries; they stand under `tools` too'),
    every: time('1s', '1h').prefault('10s').describe('How long a window of a summary is'),
    delay: time('0s', '1m')
      .prefault('1s')
      .describe('How long after its end a window waits for events of it; what comes later is a summary more'),
    keep_over: time('1ms', '1h')
      .prefault('1s')
      .describe('Connects that took as long or longer are told by themselves, and stand in no summary'),
    keep_failed: z
      .boolean()
      .default(true)
      .describe('Whether connects that failed are told by themselves, and stand in no summary'),
    max_keys: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10_000)
      .meta({ value: 'N' })
      .describe('Sources and destinations that are counted at once, at most; the rest shares one summary'),
    examples: z
      .int()
      .min(0)
      .max(MOST_EXAMPLES)
      .default(MOST_EXAMPLES)
      .meta({ value: 'N' })
      .describe('Of each summary so many connects are shown, the slowest'),
  })
  .optional()
  .describe('Summaries instead of events: what a node sends no longer grows with them')

/** What of the configuration is looked at together with it. */
interface Beside {
  readonly summaries?: z.output<typeof SUMMARIES>
  readonly tools: readonly { readonly tool: { readonly name: string } }[]
  readonly pin: { readonly enabled: boolean }
  readonly sinks: unknown
}

/** What does not go together with summaries. */
export function checkSummaries(
  { summaries, tools, pin, sinks }: Beside,
  context: Pick<z.core.$RefinementCtx, 'addIssue'>,
): void {
  if (summaries === undefined) return
  const say = (path: readonly (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path: ['summaries', ...path], message })
  for (const [index, name] of summaries.tools.entries()) {
    if (!SUMMABLE.includes(name))
      say(['tools', index], `cannot sum up ${JSON.stringify(name)}: ${SUMMABLE.join(', ')} tell of connects`)
    else if (!tools.some(({ tool }) => tool.name === name))
      say(['tools', index], `names ${name}, which does not run: add it to tools`)
  }
  if (pin.enabled)
    say([], 'does not go with pin.enabled: what a killed agent had counted would be read by nobody again')
  for (const windowMs of detectionWindows(sinks))
    if (windowMs % summaries.every !== 0)
      say(
        ['every'],
        `is ${summaries.every / 1000}s, and a rule of the sink detect has windows of ${windowMs / 1000}s: they must be whole multiples of it`,
      )
}

/** Milliseconds of the windows of all rules of sinks that detect. */
function detectionWindows(sinks: unknown): ReadonlySet<number> {
  const all = (Array.isArray(sinks) ? sinks : []) as readonly {
    readonly type?: unknown
    readonly rules?: readonly { readonly window?: unknown }[]
  }[]
  return new Set(
    all
      .filter(({ type }) => type === 'detect')
      .flatMap(({ rules = [] }) =>
        rules.flatMap(({ window }) => (typeof window === 'number' ? [window] : [])),
      ),
  )
}
