const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** A hundred years. */
const MOST_MS = 36_525 * 86_400_000

/** `90s`, `15m`, `1h`, `7d` → milliseconds. */
export function duration(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const value = Number(digits) * (UNITS[unit] ?? Number.NaN)
  if (!(value <= MOST_MS))
    throw new Error(
      `a duration is a number and a unit, such as 90s, 15m, 1h or 7d, not ${JSON.stringify(text)}`,
    )
  return value
}

/** A time as RFC 3339 has it, or how long ago it was: milliseconds since 1970. */
export function timeOrAgo(nowMs: number): (text: string) => number {
  return (text) => {
    const isTime = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text)
    const timeMs = isTime ? Date.parse(text) : Number.NaN
    if (!Number.isNaN(timeMs)) return timeMs
    if (/^\d+[smhd]$/.test(text)) return nowMs - duration(text)
    throw new Error(
      `a time is one such as 2026-11-28T04:00:00Z, or how long ago, such as 1h, not ${JSON.stringify(text)}`,
    )
  }
}
