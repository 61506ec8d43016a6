import type { FileDescriptor } from '../sys/file-descriptor.js'
import { openPinned, pinObject } from '../sys/pin.js'
import { type Link, type LinkInfo, linkInfo } from './link.js'

/** A bpf_link: a descriptor that a program is attached by, and that can be pinned. */
export class BpfLink implements Link {
  readonly description: string
  readonly #fd: FileDescriptor

  constructor(fd: FileDescriptor, description: string) {
    this.#fd = fd
    this.description = description
  }

  info(): LinkInfo {
    return linkInfo(this.#fd.number, this.description)
  }

  pin(path: string): void {
    pinObject(this.#fd.number, this.description, path)
  }

  close(): void {
    this.#fd.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/**
 * Opens a link that is pinned: Linux 5.7. Closing it leaves the program attached; removing the file and closing it does not.
 *
 * @throws {NotFoundError} if nothing is there; {InvalidSpecError} if something else is
 * @throws {UnsupportedError} if the path does not lie on a bpffs
 * @throws {NotPermittedError} {SystemCallError}
 */
export function openPinnedLink(path: string): Link {
  const description = `link ${path.slice(path.lastIndexOf('/') + 1)}`
  return new BpfLink(openPinned(path, 'link', description), description)
}
