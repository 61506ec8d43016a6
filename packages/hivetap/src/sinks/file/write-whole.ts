import type { FileHandle } from 'node:fs/promises'

/**
 * Appends all of it, or nothing: what was written before an error is cut off again.
 *
 * @param size the file's, before
 * @throws {NodeJS.ErrnoException} what the kernel said
 */
export async function writeWhole(handle: FileHandle, bytes: Uint8Array, size: number): Promise<void> {
  try {
    for (let done = 0; done < bytes.byteLength; )
      done += (await handle.write(bytes, done, bytes.byteLength - done)).bytesWritten
  } catch (error) {
    await handle.truncate(size)
    throw error
  }
}
