import { execFileSync } from 'node:child_process'

/** What printf(1) makes of values: the independent source for formats that are printf(3)'s. */
export function printf(format: string, ...values: readonly (string | number)[]): string {
  return execFileSync('printf', [`${format}\n`, ...values.map(String)], { encoding: 'utf8' }).trimEnd()
}
