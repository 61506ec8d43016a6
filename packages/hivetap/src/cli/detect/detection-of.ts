import { describeIssues } from '../../agent/config/issues.js'
import { readYaml } from '../../agent/config/read-yaml.js'
import { type DetectFile, detectFileOrFlagsSchema, detectFileSchema } from '../../sinks/detect/config.js'
import { InputError } from '../../topic/input-error.js'
import type { DetectOptions } from './detect-options.js'

const DEFAULT_WINDOW_MS = 5000
/** With a limit of their own, people wait for what they see: not for what may be late. */
const DEFAULT_LATENESS = '2s'

/**
 * What is to be found, and where it is told: by a file, or by a limit given, or by what is usual.
 *
 * @throws {ConfigError} if the file is wrong
 * @throws {InputError} if flags do not go with it, or are wrong
 */
export async function detectionOf(options: DetectOptions): Promise<DetectFile> {
  const { rules, over, window = DEFAULT_WINDOW_MS, lateness, state } = options
  const read =
    rules !== undefined
      ? await readYaml(detectFileOrFlagsSchema, rules)
      : detectFileOrFlagsSchema.parse(
          over === undefined ? {} : { rules: overRules(over, window), lateness: DEFAULT_LATENESS },
        )
  const { alerts, ...detection } = read
  return {
    ...detection,
    alerts: alertsOf(options, alerts),
    ...(lateness !== undefined && { lateness }),
    ...(state !== undefined && { state_file: state }),
  }
}

/** Where alerts go: the file says it, or flags. */
function alertsOf({ rules, output, alertmanager }: DetectOptions, ofFile: DetectFile['alerts'] | undefined) {
  if (ofFile !== undefined) {
    const flag = output !== undefined ? '-o' : alertmanager !== undefined ? '--alertmanager' : undefined
    if (flag === undefined) return ofFile
    throw new InputError(`${rules} says where alerts go (alerts): leave out ${flag}, or them`)
  }
  const read = detectFileSchema.shape.alerts.safeParse([
    { type: 'stdout', format: output },
    ...(alertmanager === undefined ? [] : [{ type: 'alertmanager', urls: alertmanager }]),
  ])
  if (read.success) return read.data
  const [problem] = describeIssues(read.error.issues, () => [])
  throw new InputError(`Cannot use --alertmanager: ${problem?.message ?? 'it is wrong'}`)
}

/** Connects that took longer, and those that hang for longer. */
function overRules(overMs: number, windowMs: number): readonly unknown[] {
  const window = `${windowMs}ms`
  // Between a SYN and the next, at most a minute goes by in silence.
  const hanging = { longer_than: `${Math.max(1000, overMs)}ms`, resolve_after: Math.ceil(70_000 / windowMs) }
  return [
    { kind: 'over', over: `${overMs}ms`, window },
    { kind: 'stuck', window, ...hanging },
  ]
}
