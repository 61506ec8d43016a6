import type { AlertRelay } from '../../delivery/alerts/alert-relay.js'
import { Detector } from '../../detect/detector.js'
import { detectReader } from '../../detect/input/detect-reader.js'
import type { DetectReader, ReaderNote } from '../../detect/input/reader-options.js'
import type { Explained } from '../../detect/lane.js'
import type { Rule } from '../../detect/rules/rule.js'
import { type Detection, rulesOf } from '../../detect/rules/schema.js'
import { DetectStateError } from '../../detect/state/state-error.js'
import { liveTime } from '../../detect/time/live-time.js'
import { readState, writeState } from './state-file.js'

/** How far what is remembered may be ahead of the clock: microseconds. More has been learnt while it was wrong. */
const AHEAD_US = 60_000_000

/** What a watch is made with. */
export interface WatchOptions {
  readonly detection: Detection
  readonly relay: AlertRelay
  /** File in which it remembers what is usual, and what is open; absent: it begins anew each time. */
  readonly stateFile?: string | undefined
  /** Whether what it learns is put there too; `true` without. */
  readonly saves?: boolean
  /** Names of the columns, for tables whose header is not read. */
  readonly header?: string | undefined
  /** Something about what is read. */
  readonly onNote?: (note: ReaderNote) => void
  readonly explain?: ((explained: Explained) => void) | undefined
}

/** Reads connects, detects, and tells: what `hivetap detect` and the agent have in common. */
export class Watch {
  readonly reader: DetectReader
  readonly #newDetector: () => Detector
  #detector: Detector
  readonly #relay: AlertRelay
  readonly #latenessUs: number
  readonly #stateFile: string | undefined
  readonly #saves: boolean
  /** Alerts that opened. */
  opened = 0
  /** Alerts that were found, whatever became of them. */
  found = 0
  /** The newest time of a connect when time was asked for last, and when it had become that. */
  #newestUs = Number.NEGATIVE_INFINITY
  #newestMs = performance.now()
  /** Alerts that are found and not out. */
  #telling: Promise<void> = Promise.resolve()

  constructor({ detection, relay, stateFile, saves = true, header, onNote, explain }: WatchOptions) {
    const rules = rulesOf(detection)
    const overUs = explain === undefined ? limitOf(rules) : undefined
    this.#latenessUs = detection.lateness * 1000
    this.#relay = relay
    this.#stateFile = stateFile
    this.#saves = saves
    this.#newDetector = () =>
      new Detector({
        rules,
        latenessUs: this.#latenessUs,
        maxKeys: detection.max_keys,
        seesAll: overUs === undefined,
        ...(explain !== undefined && { explain }),
      })
    this.#detector = this.#newDetector()
    this.reader = detectReader({
      take: (observation) => this.#detector.take(observation),
      pass: (observation) => this.#detector.pass(observation),
      nowUs,
      ...(overUs !== undefined && { overUs }),
      ...(header !== undefined && { header }),
      ...(onNote !== undefined && { onNote }),
    })
  }

  get detector(): Detector {
    return this.#detector
  }

  /**
   * Takes up what was remembered.
   *
   * @returns how far the input was read then; `undefined` if nothing is remembered
   * @throws {DetectStateError} if what is there is damaged: then nothing of it is taken up; what the system says if it cannot
   *   be read
   */
  async restore(): Promise<unknown> {
    if (this.#stateFile === undefined) return undefined
    try {
      const lines = readState(this.#stateFile)
      const first = lines.next()
      if (first.done === true) return undefined
      const position = this.#detector.restore(withFirst(first.value, lines))
      if (this.#detector.newestUs > nowUs() + AHEAD_US)
        throw new DetectStateError(
          'a detector: it is of a time yet to come, when all that comes now would be late',
        )
      this.#relay.resume(this.#detector.openAlerts)
      return position
    } catch (error) {
      this.#detector = this.#newDetector()
      throw error instanceof DetectStateError ? new DetectStateError(error.what, this.#stateFile) : error
    }
  }

  /** @param position how far the input is read. @throws what the system says */
  async save(position: unknown): Promise<void> {
    if (this.#stateFile !== undefined && this.#saves)
      await writeState(this.#stateFile, this.#detector.save(position))
  }

  /** Whether it remembers anything. */
  get remembers(): boolean {
    return this.#stateFile !== undefined
  }

  /** Whether anybody is left who could be told. */
  get isHeard(): boolean {
    const { states } = this.#relay
    return states.length === 0 || states.some(({ error }) => error?.kind !== 'reader_gone')
  }

  /**
   * Time goes on: in a live run, windows end though no connect comes that is looked at. To be called now and then, whether or
   * not something is read.
   *
   * @param staleMs for so long it is not known whether there was something to read: by so much less time goes on
   */
  tick(staleMs = 0): void {
    const { newestUs } = this.#detector
    const nowMs = performance.now()
    if (newestUs !== this.#newestUs) {
      this.#newestUs = newestUs
      this.#newestMs = nowMs
    }
    const silentUs = (nowMs - this.#newestMs) * 1000
    const timeUs = liveTime(newestUs, silentUs, nowUs(), this.#latenessUs + staleMs * 1000)
    if (timeUs !== undefined) this.#detector.advanceTo(timeUs)
  }

  /** Tells what was found. @returns once all that was found until now is out */
  tell(): Promise<void> {
    const out = this.#handOver()
    if (out !== undefined) {
      const before = this.#telling
      this.#telling = before.then(() => out)
      this.#telling.catch(() => undefined)
    }
    return this.#telling
  }

  /**
   * Tells what was found, for whoever goes on though a sink is down.
   *
   * @returns once all sinks have it but those that are down, or `signal` aborts
   */
  async tellWhoHears(signal?: AbortSignal): Promise<void> {
    this.#handOver()
    await this.#relay.caughtUp(signal)
  }

  #handOver(): Promise<void> | undefined {
    const alerts = this.#detector.takeAlerts()
    if (alerts.length === 0) return undefined
    this.found += alerts.length
    for (const { state } of alerts) if (state === 'open') this.opened++
    return this.#relay.tell(alerts)
  }
}

function nowUs(): number {
  return Date.now() * 1000
}

function* withFirst(first: string, others: Iterable<string>): Generator<string> {
  yield first
  yield* others
}

/**
 * Where nothing is asked for but a limit, what took less needs not be looked at: microseconds, `undefined` where all must be.
 */
function limitOf(rules: readonly Rule[]): number | undefined {
  let limitUs: number | undefined
  for (const rule of rules) {
    // Failed and stuck ones are looked at all the same.
    if (rule.kind === 'stuck') continue
    if (rule.kind !== 'over' || rule.ratio > 0 || rule.minConnects > 0) return undefined
    limitUs = Math.min(limitUs ?? rule.overUs, rule.overUs)
  }
  return limitUs
}
