import { readYaml } from '../../agent/config/read-yaml.js'
import { type DetectFile, detectFileSchema } from '../../sinks/detect/config.js'
import type { DetectOptions } from './detect-options.js'

const DEFAULT_WINDOW_MS = 5000
/** With a limit of their own, people wait for what they see: not for what may be late. */
const DEFAULT_LATENESS = '2s'

/**
 * What is to be found, and where it is told: by a file, or by a limit given, or by what is usual.
 *
 * @throws {ConfigError} if the file is wrong
 */
export async function detectionOf({
  rules,
  over,
  window,
  lateness,
  alertmanager,
  state,
  output,
}: DetectOptions): Promise<DetectFile> {
  const alerts = [
    { type: 'stdout', format: output },
    ...(alertmanager === undefined ? [] : [{ type: 'alertmanager', urls: alertmanager }]),
  ]
  const file =
    rules !== undefined
      ? await readYaml(detectFileSchema, rules)
      : over === undefined
        ? detectFileSchema.parse({ alerts })
        : detectFileSchema.parse({
            alerts,
            rules: overRules(over, window ?? DEFAULT_WINDOW_MS),
            lateness: DEFAULT_LATENESS,
          })
  return {
    ...file,
    ...(lateness !== undefined && { lateness }),
    ...(state !== undefined && { state_file: state }),
  }
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
