import { constants } from 'node:os'

/** Names of errors by their numbers, as this system has them. */
const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]))

/** The name of an error of the operating system: `EIO`. Node knows some by their number alone (ESTALE, EDQUOT). */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, errno } = error as NodeJS.ErrnoException
  if (typeof code === 'string' && /^[A-Z]/.test(code) && !code.startsWith('Unknown')) return code
  return typeof errno === 'number' ? NAMES.get(-errno) : undefined
}
