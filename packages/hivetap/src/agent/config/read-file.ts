import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError } from './config-error.js'

/** A configuration is some kilobytes. What the parser takes for hostile ones grows with the square: seconds at a megabyte. */
const MOST_BYTES = 1 << 17
/** How long a pipe has to say something. */
const PATIENCE_MS = 5000

/**
 * The text of a file: no more of it than a configuration can have, and without waiting for one that nobody writes.
 *
 * @throws {ConfigError} if it cannot be read, is too large, or is not UTF-8
 */
export async function readConfigFile(path: string): Promise<string> {
  let file: FileHandle | undefined
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    const bytes = await readAll(file)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new ConfigError([{ where: path, key: '', message: reasonOf(error) }], { cause: error })
  } finally {
    await file?.close()
  }
}

async function readAll(file: FileHandle): Promise<Buffer> {
  const bytes = Buffer.alloc(MOST_BYTES + 1)
  let length = 0
  for (const deadline = Date.now() + PATIENCE_MS; length < bytes.length; ) {
    const read = await file
      .read(bytes, length, bytes.length - length)
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EAGAIN' || Date.now() > deadline) throw error
        return undefined
      })
    if (read === undefined) await sleep(10)
    else if (read.bytesRead === 0) return bytes.subarray(0, length)
    else length += read.bytesRead
  }
  throw new RangeError(`cannot be read: a configuration has at most ${MOST_BYTES} bytes`)
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'cannot be read: it is not allowed to this user',
  EISDIR: 'is a directory, not a file',
  ENXIO: 'is a socket, not a file',
  EAGAIN: 'cannot be read: whoever writes it says nothing',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'cannot be read: it is not UTF-8',
}

function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return error.message
  const { code = '', message } = error as NodeJS.ErrnoException
  return REASONS[code] ?? `cannot be read: ${code || message}`
}
