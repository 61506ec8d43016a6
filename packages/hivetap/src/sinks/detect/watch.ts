import type { AlertRelay } from '../../delivery/alerts/alert-relay.js'
import { Detector } from '../../detect/detector.js'
import { detectReader } from '../../detect/input/detect-reader.js'
import type { DetectReader, ReaderNote } from '../../detect/input/reader-options.js'
import type { Explained } from '../../detect/lane.js'
import type { Rule } from '../../detect/rules/rule.js'
import { type Detection, rulesOf } from '../../detect/rules/schema.js'
import { liveTime } from '../../detect/time/live-time.js'
import { readState, writeState } from './state-file.js'

/** What a watch is made with. */
export interface WatchOptions {
  readonly detection: Detection
  readonly relay: AlertRelay
  /** File in which it remembers what is usual, and what is open; absent: it begins anew each time. */
  readonly stateFile?: string | undefined
  /** Something about what is read. */
  readonly onNote?: (note: ReaderNote) => void
  readonly explain?: ((explained: Explained) => void) | undefined
}

/** Reads connects, detects, and tells: what `hivetap detect` and the agent have in common. */
export class Watch {
  readonly detector: Detector
  readonly reader: DetectReader
  readonly #relay: AlertRelay
  readonly #latenessUs: number
  readonly #stateFile: string | undefined
  /** Alerts that opened. */
  opened = 0
  #readMs = performance.now()
  /** Alerts that are found and not out. */
  #telling: Promise<void> = Promise.resolve()

  constructor({ detection, relay, stateFile, onNote, explain }: WatchOptions) {
    const rules = rulesOf(detection)
    const overUs = explain === undefined ? limitOf(rules) : undefined
    this.#latenessUs = detection.lateness * 1000
    this.#relay = relay
    this.#stateFile = stateFile
    this.detector = new Detector({
      rules,
      latenessUs: this.#latenessUs,
      maxKeys: detection.max_keys,
      seesAll: overUs === undefined,
      ...(explain !== undefined && { explain }),
    })
    this.reader = detectReader({
      take: (observation) => this.detector.take(observation),
      nowUs: () => Date.now() * 1000,
      ...(overUs !== undefined && { overUs }),
      ...(onNote !== undefined && { onNote }),
    })
  }

  /**
   * Takes up what was remembered.
   *
   * @returns how far the input was read then; `undefined` if nothing is remembered
   * @throws {DetectStateError} if what is there is damaged; what the system says if it cannot be read
   */
  async restore(): Promise<unknown> {
    const lines = this.#stateFile === undefined ? undefined : await readState(this.#stateFile)
    if (lines === undefined) return undefined
    const position = this.detector.restore(lines)
    this.#relay.resume(this.detector.openAlerts)
    return position
  }

  /** @param position how far the input is read. @throws what the system says */
  async save(position: unknown): Promise<void> {
    if (this.#stateFile !== undefined) await writeState(this.#stateFile, this.detector.save(position))
  }

  /** Whether it remembers anything. */
  get remembers(): boolean {
    return this.#stateFile !== undefined
  }

  /** Something was read now. */
  hasRead(): void {
    this.#readMs = performance.now()
  }

  /** Nothing is read: in a live run, windows end all the same. */
  tick(): void {
    const silentUs = (performance.now() - this.#readMs) * 1000
    const timeUs = liveTime(this.detector.newestUs, silentUs, Date.now() * 1000, this.#latenessUs)
    if (timeUs !== undefined) this.detector.advanceTo(timeUs)
  }

  /** Tells what was found. @returns once all that was found until now is out */
  tell(): Promise<void> {
    const alerts = this.detector.takeAlerts()
    if (alerts.length > 0) {
      for (const { state } of alerts) if (state === 'open') this.opened++
      const before = this.#telling
      const out = this.#relay.tell(alerts)
      this.#telling = before.then(() => out)
      this.#telling.catch(() => undefined)
    }
    return this.#telling
  }
}

/**
 * Where nothing is asked for but a limit, what took less needs not be looked at: microseconds, `undefined` where all must be.
 */
function limitOf(rules: readonly Rule[]): number | undefined {
  const limits = rules.flatMap((rule) =>
    rule.kind === 'over' && rule.ratio === 0 && rule.minConnects === 0 ? [rule.overUs] : [],
  )
  const isAll = rules.every(({ kind }) => kind === 'stuck' || kind === 'over')
  const others = rules.filter(({ kind }) => kind === 'over').length - limits.length
  return isAll && others === 0 && limits.length > 0 ? Math.min(...limits) : undefined
}
