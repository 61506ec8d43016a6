import { closeSync, openSync, readSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { DetectStateError } from '../../detect/state/state-error.js'

/** Characters that are written at once. */
const PIECE = 1 << 20
/** Characters of a line at most: a key of 64 rules, each with a week of hours, has less. */
const MOST_LINE = 1 << 26

/**
 * The lines of a saved state, one after the other: of a million keys it is larger than a text can be. None if there is none.
 *
 * @throws {DetectStateError} if it cannot be one; what the system says if it cannot be read
 */
export function* readState(path: string): Generator<string> {
  const fd = opened(path)
  if (fd === undefined) return
  try {
    const decoder = new StringDecoder('utf8')
    const bytes = Buffer.allocUnsafe(PIECE)
    let begun = ''
    for (let length = readSync(fd, bytes); length > 0; length = readSync(fd, bytes)) {
      const [first = '', ...others] = decoder.write(bytes.subarray(0, length)).split('\n')
      begun += first
      if (begun.length > MOST_LINE) throw new DetectStateError('a detector: a line of it has no end')
      for (const other of others) {
        yield begun
        begun = other
      }
    }
    begun += decoder.end()
    // Each line was written with its end.
    if (begun !== '') throw new DetectStateError('a detector: it is cut short')
  } finally {
    closeSync(fd)
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Puts a state in the place of the one before, whole: whatever happens, one of both is there.
 *
 * @throws if it cannot be written: the one before is still there
 */
export async function writeState(path: string, lines: Iterable<string>): Promise<void> {
  const fresh = `${path}.new`
  const file = await open(fresh, 'w', 0o600)
  try {
    let piece = ''
    for (const line of lines) {
      piece += line
      if (piece.length < PIECE) continue
      await file.write(piece)
      piece = ''
    }
    await file.write(piece)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(fresh, path)
  const directory = await open(dirname(path), 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
