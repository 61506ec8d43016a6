import type { FileDescriptor } from '../sys/file-descriptor.js'
import { openPinned } from '../sys/pin.js'
import { type ProgramStatistics, programNumber, programStatistics } from './program-info.js'

/** A program that an earlier process loaded and pinned: it can be asked what it did, not attached anew. */
export class PinnedProgram {
  /** The number by which the kernel, and a link's `info`, know it. */
  readonly id: number
  readonly #name: string
  readonly #fd: FileDescriptor

  constructor(fd: FileDescriptor, name: string) {
    this.#fd = fd
    this.#name = name
    this.id = programNumber(fd.number, name)
  }

  /**
   * What the kernel has counted so far; 0 where it counts nothing.
   *
   * @throws {SystemCallError} {ClosedError}
   */
  statistics(): ProgramStatistics {
    return programStatistics(this.#fd.number, this.#name)
  }

  /** Lets go of it; pinned, and attached, it stays. */
  close(): void {
    this.#fd.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/**
 * Opens a program that is pinned: Linux 4.4.
 *
 * @throws {NotFoundError} if nothing is there; {InvalidSpecError} if something else is
 * @throws {UnsupportedError} if the path does not lie on a bpffs
 * @throws {NotPermittedError} {SystemCallError}
 */
export function openPinnedProgram(path: string): PinnedProgram {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const fd = openPinned(path, 'program', `program ${name}`)
  try {
    return new PinnedProgram(fd, name)
  } catch (error) {
    fd.close()
    throw error
  }
}
