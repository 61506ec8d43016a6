import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { DeliveryError } from '../../delivery/destination.js'

/** What every line of ours begins with (sinks/json-lines.ts). */
const BEGIN = Buffer.from('{"version":')
const NEWLINE = 10
const BLOCK = 65_536
const MODE = 0o640
const { O_RDWR, O_APPEND, O_NONBLOCK, O_CREAT, O_EXCL } = constants

/** A file that is open to be appended to. */
export interface LogFile {
  readonly handle: FileHandle
  readonly dev: bigint
  readonly ino: bigint
  /** Bytes in it, whole lines all. */
  readonly size: number
  /** When it was begun: milliseconds since 1970. */
  readonly beganMs: number
  /** Bytes of half a line that were cut at its end. */
  readonly cutBytes: number
}

/**
 * Opens a file to append to, or makes it (0640). A file that is there may be behind a symbolic link; none is made through
 * one. What a crash left of a line at its end is cut: the batch that it was of comes again.
 *
 * @throws {DeliveryError} if it is no plain file, or ends in half a line that is not of ours
 */
export async function openLogFile(path: string): Promise<LogFile> {
  const handle = await openOrCreate(path)
  try {
    const stat = await handle.stat({ bigint: true })
    if (!stat.isFile()) throw wrong(path, 'is no plain file: name one, or a path where there is none yet')
    const whole = await endOfLines(handle, Number(stat.size), path)
    const cutBytes = Number(stat.size) - whole
    if (cutBytes > 0) await handle.truncate(whole)
    // Not all file systems tell when a file was made.
    const beganMs = Number(stat.birthtimeMs > 0n ? stat.birthtimeMs : stat.mtimeMs)
    return { handle, dev: stat.dev, ino: stat.ino, size: whole, beganMs, cutBytes }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Not to block: of a FIFO it would wait for a reader. */
async function openOrCreate(path: string): Promise<FileHandle> {
  try {
    return await open(path, O_RDWR | O_APPEND | O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, MODE)
  }
}

/** Where the last whole line ends. */
async function endOfLines(handle: FileHandle, size: number, path: string): Promise<number> {
  const block = Buffer.alloc(BLOCK)
  for (let end = size; end > 0; ) {
    const from = Math.max(0, end - BLOCK)
    const { bytesRead } = await handle.read(block, 0, end - from, from)
    const newline = block.subarray(0, bytesRead).lastIndexOf(NEWLINE)
    if (newline >= 0) return cutAt(handle, from + newline + 1, size, path)
    end = from
  }
  return cutAt(handle, 0, size, path)
}

/** Where it may be cut: only what is the beginning of a line of ours, or nothing but zeros, as a power cut leaves. */
async function cutAt(handle: FileHandle, at: number, size: number, path: string): Promise<number> {
  if (at === size) return at
  const head = Buffer.alloc(Math.min(BEGIN.length, size - at))
  await handle.read(head, 0, head.length, at)
  const ours = BEGIN.subarray(0, head.length).equals(head) || head.every((byte) => byte === 0)
  if (ours) return at
  throw wrong(path, 'ends in half a line that hivetap did not write: name another file, or end that line')
}

function wrong(path: string, what: string): DeliveryError {
  return new DeliveryError('file_unusable', `${path} ${what}`, { passing: false })
}
