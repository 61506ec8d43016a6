const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KiB: 2 ** 10,
  MB: 1e6,
  MiB: 2 ** 20,
  GB: 1e9,
  GiB: 2 ** 30,
  TB: 1e12,
  TiB: 2 ** 40,
}
export const PATTERN = /^(?<value>\d+(?:\.\d+)?)(?<unit>B|kB|KiB|MB|MiB|GB|GiB|TB|TiB)?$/

/**
 * `64KiB`, `1.5GiB`, `10MB`, `4096` → bytes, a whole number.
 *
 * @throws {Error} that says what is wrong with the text
 */
export function parseByteSize(text: string): number {
  const { value = '', unit = 'B' } = PATTERN.exec(text)?.groups ?? {}
  const bytes = Math.round(Number(value) * (UNITS[unit] ?? Number.NaN))
  if (value === '' || !Number.isSafeInteger(bytes)) throw new Error(wrong(text))
  return bytes
}

export function wrong(text: unknown): string {
  return `is a size such as 64KiB, 10MB or 1GiB, or a number of bytes, not ${JSON.stringify(text)}`
}

const BINARY = ['TiB', 'GiB', 'MiB', 'KiB'] as const

/** Bytes as people write them: in the largest unit in which they are a whole number. */
export function formatByteSize(bytes: number): string {
  const unit = bytes === 0 ? undefined : BINARY.find((one) => bytes % (UNITS[one] as number) === 0)
  return unit === undefined ? `${bytes}B` : `${bytes / (UNITS[unit] as number)}${unit}`
}
