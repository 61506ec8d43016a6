const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
export const PATTERN = /^(?<value>\d+(?:\.\d+)?)(?<unit>ms|s|m|h|d)$/

/**
 * `10s`, `1.5h`, `250ms` → milliseconds, a whole number.
 *
 * @throws {Error} that says what is wrong with the text
 */
export function parseDuration(text: string): number {
  const { value = '', unit = '' } = PATTERN.exec(text)?.groups ?? {}
  const milliseconds = Math.round(Number(value) * (UNITS[unit] ?? Number.NaN))
  if (value === '' || !Number.isSafeInteger(milliseconds)) throw new Error(wrong(text))
  return milliseconds
}

export function wrong(input: unknown): string {
  return `is a time such as 250ms, 10s, 5m, 12h or 7d, not ${JSON.stringify(input)}`
}

/** Milliseconds as people write them: in the largest unit in which they are a whole number. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s'
  const [unit, size] = Object.entries(UNITS).findLast(([, each]) => milliseconds % each === 0) ?? ['ms', 1]
  return `${milliseconds / size}${unit}`
}

/** Reads a time that lies within two, as they are written. */
export function durationWithin(least: string, most: string): (text: string) => number {
  const from = parseDuration(least)
  const to = parseDuration(most)
  return (text) => {
    const value = parseDuration(text)
    if (value < from || value > to) throw new Error(`is a time from ${least} to ${most}, not ${text}`)
    return value
  }
}
