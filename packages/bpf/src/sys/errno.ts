import { constants } from 'node:os'
import { type BpfErrorOptions, SystemCallError } from '../errors.js'

/** Error numbers by their names: `ERRNO.EPERM` is 1. */
export const ERRNO = constants.errno
/** The kernel's own ENOTSUPP, which user space should never see and does: 524. */
export const ENOTSUPP = 524

/** Second names of numbers; the kernel's own are the others (include/uapi/asm-generic/errno.h). */
const ALIASES: readonly string[] = ['EWOULDBLOCK', 'ENOTSUP', 'EDEADLOCK']

const names = new Map<number, string>(
  Object.entries(constants.errno)
    .filter(([name]) => !ALIASES.includes(name))
    .map(([name, number]) => [number, name]),
)

/** `1` → `'EPERM'`. */
export function errnoName(number: number): string {
  return names.get(number) ?? (number === ENOTSUPP ? 'ENOTSUPP' : `errno ${number}`)
}

/**
 * The error of a call that gave a negative error number.
 *
 * @param what what was being done, as the beginning of a sentence: `Cannot create map events`
 */
export function failed(what: string, result: number, options: BpfErrorOptions = {}): SystemCallError {
  const number = Math.abs(result)
  return new SystemCallError(`${what}: ${errnoName(number)}`, { number, name: errnoName(number) }, options)
}
