import { failed } from './errno.js'
import { FileDescriptor } from './file-descriptor.js'
import { libc } from './libc.js'
import { memoryOf } from './memory.js'

const AF_UNIX = 1
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000
const MSG_DONTWAIT = 0x40
const MSG_NOSIGNAL = 0x4000
const EAGAIN = 11
/** sun_path of `struct sockaddr_un`. */
const PATH_BYTES = 108

/**
 * Sends datagrams to a Unix socket, which Node cannot: what a supervisor is told by (sd_notify(3)). The receiver is looked
 * up for each, so that one that was made anew is found.
 */
export class DatagramSender {
  readonly #fd: FileDescriptor
  readonly #address: Uint8Array

  /**
   * @param name a path, or `@NAME` in the abstract name space
   * @throws {SystemCallError} if there can be no socket
   * @throws {RangeError} if there can be none of that name
   */
  constructor(name: string) {
    this.#address = addressOf(name)
    const fd = libc().socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)
    if (fd < 0) throw failed('Cannot open a socket', fd)
    this.#fd = new FileDescriptor(fd, 'socket')
  }

  /**
   * Sends one, without waiting.
   *
   * @returns whether the receiver had room for it
   * @throws {SystemCallError} if it cannot be sent there
   */
  send(text: string): boolean {
    const connected = libc().connect(this.#fd.number, memoryOf(this.#address))
    if (connected < 0) throw failed('Cannot reach the socket', connected)
    const sent = libc().send(
      this.#fd.number,
      memoryOf(new TextEncoder().encode(text)),
      MSG_DONTWAIT | MSG_NOSIGNAL,
    )
    if (sent === -EAGAIN) return false
    if (sent < 0) throw failed('Cannot send to the socket', sent)
    return true
  }

  close(): void {
    this.#fd.close()
  }
}

/** `struct sockaddr_un`: the family, then the path with a NUL behind it, or a NUL and a name without. */
function addressOf(name: string): Uint8Array {
  const isAbstract = name.startsWith('@')
  const path = new TextEncoder().encode(isAbstract ? `\0${name.slice(1)}` : `${name}\0`)
  if (path.byteLength > PATH_BYTES || (!isAbstract && !name.startsWith('/')) || name.includes('\0'))
    throw new RangeError(`${JSON.stringify(name)} is no name of a Unix socket`)
  const address = new Uint8Array(2 + path.byteLength)
  address[0] = AF_UNIX
  address.set(path, 2)
  return address
}
