const SECOND_US = 1e6
const DAY_US = 86_400 * SECOND_US
/** Rows of several CPUs do not come in order; clocks are set back, as at the end of summer time. */
const SLACK_US = 3600 * SECOND_US
/** How far a tool's clock may be ahead of ours. */
const AHEAD_US = 60 * SECOND_US
const TIME_OF_DAY = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/
const NUMBER = /^\d{1,16}(?:\.\d{1,9})?$/
const DATE = /^(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/
/** From here on, seconds are told since 1970: nothing is up for 30 years. */
const LEAST_EPOCH_US = 1e9 * SECOND_US
/** Beyond, a number does not hold microseconds exactly. */
const MOST_US = Number.MAX_SAFE_INTEGER

/**
 * When the rows of a table happened, by what they say of it. Of a row without a time, the time of arrival. A time of day is local,
 * and its day is told by the rows before: it goes on from them, so that a table that is read again gives the same distances.
 */
export class RowClock {
  readonly #nowUs: () => number
  readonly #aheadUs: number
  /** The time of arrival of what seconds are counted from; of a table's first row. */
  #zeroUs: number | undefined
  #lastText = ''
  /** What the last time of day was, local, as if it were UTC; and when it arrived. */
  #lastLocalUs: number | undefined
  #lastArrivalUs = 0
  #lastUs = 0
  /** Rows that told of a time yet to come. */
  clamped = 0

  /** @param aheadUs how far a time that is told whole may be ahead: one that is later is taken for now */
  constructor(nowUs: () => number, aheadUs = Number.POSITIVE_INFINITY) {
    this.#nowUs = nowUs
    this.#aheadUs = aheadUs
  }

  /** A header came: seconds are counted anew. */
  restart(): void {
    this.#zeroUs = undefined
  }

  /**
   * @param text what the row says; empty if it says nothing
   * @param unitUs of a number
   * @returns microseconds since 1970; `undefined` if it is no time
   */
  timeUs(text: string, unitUs: number): number | undefined {
    if (text === '') return this.#nowUs()
    if (NUMBER.test(text)) return this.#counted(Math.round(Number(text) * unitUs))
    if (text === this.#lastText && this.#nowUs() - this.#lastArrivalUs < SLACK_US) return this.#lastUs
    const us = TIME_OF_DAY.test(text) ? this.#ofDay(text) : this.#come(dated(text))
    if (us === undefined) return undefined
    this.#lastText = text
    this.#lastUs = us
    this.#lastArrivalUs = this.#nowUs()
    return us
  }

  #counted(us: number): number | undefined {
    if (us >= LEAST_EPOCH_US) return us <= MOST_US ? this.#come(us) : undefined
    this.#zeroUs ??= this.#nowUs() - us
    return this.#zeroUs + us
  }

  /** Nothing has happened that is yet to come: one clock that is fast must not push the time of all. */
  #come(us: number | undefined): number | undefined {
    const mostUs = this.#nowUs() + this.#aheadUs
    if (us === undefined || us <= mostUs) return us
    this.clamped++
    return mostUs
  }

  #ofDay(text: string): number | undefined {
    const [, hour, minute, second, fraction = ''] = TIME_OF_DAY.exec(text) ?? []
    const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second)
    if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined
    const ofDay = seconds * SECOND_US + Number(fraction.padEnd(6, '0').slice(0, 6))
    const nowUs = this.#nowUs()
    this.#lastLocalUs = this.#lastLocalUs === undefined ? latest(ofDay, nowUs) : this.#next(ofDay, nowUs)
    return toUtc(this.#lastLocalUs)
  }

  /** The first such time of day that is not before the last; days later, where so many have passed here meanwhile. */
  #next(ofDay: number, nowUs: number): number {
    const least = (this.#lastLocalUs as number) - SLACK_US
    const first = least + modulo(ofDay - least, DAY_US)
    const behind = nowUs - this.#lastArrivalUs - (first - (this.#lastLocalUs as number))
    return first + Math.max(0, Math.floor((behind + SLACK_US) / DAY_US)) * DAY_US
  }
}

/** The latest such time of day that is not in the future; local. */
function latest(ofDay: number, nowUs: number): number {
  const most = toLocal(nowUs) + AHEAD_US
  return most - modulo(most - ofDay, DAY_US)
}

/** A date and time: local where no zone is said. */
function dated(text: string): number | undefined {
  const [, year, month, day, time, fraction = '', zone] = DATE.exec(text) ?? []
  const ms = Date.parse(`${year}-${month}-${day}T${time}${zone ?? ''}`)
  const us = ms * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
  return us >= 0 ? us : undefined
}

function toLocal(us: number): number {
  return us - new Date(us / 1000).getTimezoneOffset() * 60 * SECOND_US
}

/** In the hour that comes twice, the first. */
function toUtc(localUs: number): number {
  const ms = Math.floor(localUs / 1000)
  const local = new Date(ms)
  const utc = new Date(
    local.getUTCFullYear(),
    local.getUTCMonth(),
    local.getUTCDate(),
    local.getUTCHours(),
    local.getUTCMinutes(),
    local.getUTCSeconds(),
  )
  return utc.getTime() * 1000 + modulo(localUs, SECOND_US)
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}
