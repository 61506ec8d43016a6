import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Characters that are written at once. */
const PIECE = 1 << 20

/** The lines of a saved state; `undefined` if there is none. @throws if it cannot be read */
export async function readState(path: string): Promise<readonly string[] | undefined> {
  try {
    const text = await readFile(path, 'utf8')
    return text.split('\n').filter((line) => line !== '')
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
