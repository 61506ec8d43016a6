import { DetectStateError } from '../../detect/state/state-error.js'
import { openRelay } from '../../sinks/alerts/open-relay.js'
import { Watch } from '../../sinks/detect/watch.js'
import { InputError } from '../../topic/input-error.js'
import { reportError } from '../report-error.js'
import { print, tell } from '../standard-streams.js'
import { whileNotInterrupted } from '../while-not-interrupted.js'
import { alertLog } from './alert-log.js'
import { countsText } from './counts-text.js'
import type { DetectOptions } from './detect-options.js'
import { detectionOf } from './detection-of.js'
import { explainedText, keyFits } from './explaining.js'
import { sourceOf } from './source-of.js'

/** How long alerts have to reach their sinks at the end. */
const CLOSE_MS = 5000
/** As grep has it: 0 something was found, 1 nothing, 2 it could not be told. */
const GREP = { found: 0, nothing: 1, failed: 2 } as const

/** Detects until the input ends or it is interrupted. */
export async function runDetect(options: DetectOptions): Promise<void> {
  if (options.exitCode !== true) {
    await detect(options)
    return
  }
  try {
    process.exitCode = (await detect(options)) > 0 ? GREP.found : GREP.nothing
  } catch (error) {
    await reportError(error, false)
    process.exitCode = GREP.failed
  }
}

/** @returns how many alerts opened */
async function detect(options: DetectOptions): Promise<number> {
  const { alerts, state_file: stateFile, ...detection } = await detectionOf(options)
  const source = await sourceOf(options)
  const relay = await openRelay(options.explain === undefined ? alerts : [], alertLog())
  const explaining = options.explain === undefined ? undefined : new Explaining(keyFits(options.explain))
  const watch = new Watch({
    detection,
    relay,
    stateFile,
    header: options.header,
    // What is explained is told to nobody: for another run it is still to be told.
    saves: options.explain === undefined,
    onNote: ({ text }) => void tell(`hivetap: ${text}\n`),
    explain: explaining?.take,
  })
  try {
    const position = await restored(watch, stateFile)
    await whileNotInterrupted((signal) =>
      source(watch, { position, signal, flush: () => explaining?.flush() }),
    )
    await watch.tellWhoHears(AbortSignal.timeout(CLOSE_MS))
    await explaining?.flush()
  } finally {
    await relay.close(CLOSE_MS)
    await tell(countsText(watch, relay.states))
  }
  return watch.opened
}

/** Gathers what is said of keys, and prints it between what is read. */
class Explaining {
  readonly #fits: ReturnType<typeof keyFits>
  #text = ''

  constructor(fits: ReturnType<typeof keyFits>) {
    this.#fits = fits
  }

  readonly take = (explained: Parameters<typeof explainedText>[0]): void => {
    if (this.#fits(explained.key)) this.#text += explainedText(explained)
  }

  async flush(): Promise<void> {
    const text = this.#text
    this.#text = ''
    if (text !== '') await print(text)
  }
}

/**
 * Takes up what was remembered, and sees that it can be remembered: not only after an hour.
 *
 * @throws {DetectStateError} if it is damaged
 * @throws {InputError} if it cannot be read or written
 */
async function restored(watch: Watch, stateFile: string | undefined): Promise<unknown> {
  try {
    const position = await watch.restore()
    await watch.save(position ?? null)
    return position
  } catch (error) {
    if (error instanceof DetectStateError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new InputError(`Cannot keep the state in ${stateFile}: ${code ?? message}`, { cause: error })
  }
}
