// @ts-check
/** Durations as Flink writes them (`1 h`, `90 s`), in forms that SQL takes. */

const NAMES = [
  { seconds: 86_400, names: ['d', 'day', 'days'] },
  { seconds: 3600, names: ['h', 'hour', 'hours'] },
  { seconds: 60, names: ['m', 'min', 'minute', 'minutes'] },
  { seconds: 1, names: ['s', 'sec', 'secs', 'second', 'seconds'] },
  { seconds: 1e-3, names: ['ms', 'milli', 'millis', 'millisecond', 'milliseconds'] },
  { seconds: 1e-6, names: ['µs', 'micro', 'micros', 'microsecond', 'microseconds'] },
  { seconds: 1e-9, names: ['ns', 'nano', 'nanos', 'nanosecond', 'nanoseconds'] },
]
/** Intervals of SQL have two digits of days. */
const MOST_SECONDS = 100 * 86_400 - 1

/**
 * Seconds of a duration, rounded up to whole ones.
 *
 * @param {string} duration
 * @throws {Error} if it is no duration
 */
export function secondsOf(duration) {
  const [, count = '', name = ''] = /^(\d+) ?([a-zµ]+)$/.exec(duration) ?? []
  const unit = NAMES.find(({ names }) => names.includes(name))
  if (unit === undefined)
    throw new Error(`"${duration}" is no time as Flink writes it (1 h, 10 min): its unit is not known.`)
  return Math.ceil(Number(count) * unit.seconds)
}

/**
 * What stands in an `INTERVAL '…' DAY TO SECOND`.
 *
 * @param {number} seconds
 * @throws {Error} if that is 100 days or more
 */
export function intervalOf(seconds) {
  if (seconds > MOST_SECONDS) throw new Error(`"remember" is less than 100 days, not ${seconds} seconds.`)
  const two = (/** @type {number} */ part) => String(Math.floor(part)).padStart(2, '0')
  return `${Math.floor(seconds / 86_400)} ${two((seconds / 3600) % 24)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
}
