import { failed } from './errno.js'
import { FileDescriptor } from './file-descriptor.js'
import { libc } from './libc.js'
import { allocate, type Memory } from './memory.js'

const AF_INET = 2
const SOCK_STREAM = 1
const SOCK_CLOEXEC = 0o2000000
const IPPROTO_TCP = 6
const TCP_INFO = 11
const SOL_SOCKET = 1
const SO_SNDTIMEO = 21
const LOOPBACK = [127, 0, 0, 1]
/** Longer than anything takes on loopback, unless a filter drops its packets: seconds. */
const PATIENCE = 1n

/**
 * A TCP socket on 127.0.0.1: for connections that a probe makes to learn from. Nothing leaves the host, and a connect
 * waits a second at most.
 */
export class LoopbackSocket {
  readonly #fd: FileDescriptor

  /** @throws {SystemCallError} */
  constructor() {
    const fd = libc().socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)
    if (fd < 0) throw failed('Cannot open a socket', fd)
    this.#fd = new FileDescriptor(fd, 'socket')
    const timeout = allocate(16)
    timeout.view.setBigInt64(0, PATIENCE, true)
    libc().setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, timeout)
  }

  /**
   * Binds it to a port of the kernel's choice, and listens if asked to: a connect to a port that is bound and not
   * listened on is refused.
   *
   * @returns the port
   * @throws {SystemCallError}
   */
  bind(listen: boolean): number {
    const bound = libc().bind(this.#fd.number, loopbackAddress(0))
    if (bound < 0) throw failed('Cannot bind a socket to loopback', bound)
    if (listen) {
      const result = libc().listen(this.#fd.number, 16)
      if (result < 0) throw failed('Cannot listen on loopback', result)
    }
    return this.localPort()
  }

  /** Connects, and waits for the end: 0, or a negative error number. */
  connect(port: number): number {
    return libc().connect(this.#fd.number, loopbackAddress(port))
  }

  localPort(): number {
    const address = allocate(16)
    const result = libc().getsockname(this.#fd.number, address)
    if (result < 0) throw failed('Cannot ask for the port of a socket', result)
    return address.view.getUint16(2, false)
  }

  /** Its smoothed round trip, microseconds: `tcpi_rtt` of tcp(7)'s TCP_INFO. */
  rttUs(): number {
    const info = allocate(104)
    const result = libc().getsockopt(this.#fd.number, IPPROTO_TCP, TCP_INFO, info)
    if (result < 0) throw failed('Cannot ask for the round trip of a socket', result)
    return info.view.getUint32(68, true)
  }

  close(): void {
    this.#fd.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** struct sockaddr_in: family u16, port u16 in network order, address. */
function loopbackAddress(port: number): Memory {
  const address = allocate(16)
  address.view.setUint16(0, AF_INET, true)
  address.view.setUint16(2, port, false)
  address.bytes.set(LOOPBACK, 4)
  return address
}
