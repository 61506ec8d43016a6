import { readFileSync } from 'node:fs'
import { parseTracepointFormat, type TracepointFormat } from '../btf/tracefs-format.js'
import { NotFoundError } from '../errors.js'
import type { Tracefs } from '../sys/tracefs.js'

/**
 * Reads what tracefs says of a tracepoint.
 *
 * @throws {NotFoundError} if the kernel has no such tracepoint, or tracefs may not be read
 * @throws {MalformedFormatError}
 */
export function readTracepointFormat(tracefs: Tracefs, group: string, name: string): TracepointFormat {
  let text: string
  try {
    text = readFileSync(`${tracefs.path}/events/${group}/${name}/format`, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'this kernel has no such tracepoint' : `tracefs cannot be read: ${code}`
    throw new NotFoundError(`Cannot find tracepoint ${group}:${name}: ${why}`, { cause })
  }
  return parseTracepointFormat(text)
}
