import koffi from 'koffi'
import { PlatformError } from '../errors.js'
import type { Memory } from './memory.js'

/**
 * The C library's functions that this package calls: the one place where foreign functions are declared.
 *
 * They come from the process's own C library (glibc or musl), so nothing is looked for on disk. What a pointer points to
 * is passed as `Memory`, and held until the call is over: a bare address would not keep the buffer from being collected. A call that fails gives its error number as
 * a negative value, as the kernel does, so that nobody reads `errno` too late.
 */
export interface Libc {
  /** syscall(2), for calls that the C library has no function for. */
  systemCall(number: number, ...args: readonly Argument[]): number
  /** mmap(2): the address, or a negative error number. */
  mmap(length: number, protection: number, flags: number, fd: number, offset: number): bigint
  munmap(address: bigint, length: number): number
  ioctl(fd: number, request: number, argument: number): number
  close(fd: number): number
  /** read(2) into memory, from an offset of it to its end. */
  read(fd: number, memory: Memory, offset: number): number
  epollCreate(flags: number): number
  epollCtl(epoll: number, operation: number, fd: number, event: Memory): number
  socket(family: number, type: number, protocol: number): number
  bind(fd: number, address: Memory): number
  listen(fd: number, backlog: number): number
  connect(fd: number, address: Memory): number
  /** send(2): the bytes that were sent, or a negative error number. */
  send(fd: number, bytes: Memory, flags: number): number
  /** The address's length is that of the memory. */
  getsockname(fd: number, address: Memory): number
  setsockopt(fd: number, level: number, name: number, value: Memory): number
  getsockopt(fd: number, level: number, name: number, value: Memory): number
  /** poll(2) on one `struct pollfd`. */
  poll(pollfd: Memory, milliseconds: number): number
  mount(source: string, target: string, type: string, flags: number): number
  umount(target: string, flags: number): number
  /** prlimit(2) on this process, with `struct rlimit` in memory. */
  prlimit(resource: number, newLimit: Memory | undefined, oldLimit: Memory | undefined): number
  clockGettime(clock: number, timespec: Memory): number
  getpagesize(): number
}

/** An argument of a system call: a number, or memory whose address is passed. */
export type Argument = number | bigint | Memory | undefined

let loaded: Libc | undefined
/** What the last call was given: held here until the next. */
const held: { arguments: unknown } = { arguments: undefined }

/**
 * The functions, declared on first use.
 *
 * @throws {PlatformError} if this is not Linux on a little-endian machine
 */
export function libc(): Libc {
  loaded ??= declare()
  return loaded
}

function declare(): Libc {
  if (process.platform !== 'linux') throw new PlatformError(`BPF needs Linux; this is ${process.platform}`)
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1)
    throw new PlatformError('Big-endian machines are not supported')
  const library = koffi.load(null)
  const failure = (result: number): number => (result === -1 ? -koffi.errno() : result)
  const syscall = library.func('int64 syscall(int64, uint64, uint64, uint64, uint64, uint64, uint64)')
  const mmap = library.func('uint64 mmap(uint64, size_t, int, int, int, int64)')
  const munmap = library.func('int munmap(uint64, size_t)')
  const ioctl = library.func('int ioctl(int, ulong, ulong)')
  const close = library.func('int close(int)')
  const read = library.func('int64 read(int, uint64, size_t)')
  const epollCreate = library.func('int epoll_create1(int)')
  const epollCtl = library.func('int epoll_ctl(int, int, int, uint64)')
  const socket = library.func('int socket(int, int, int)')
  const bind = library.func('int bind(int, uint64, uint)')
  const listen = library.func('int listen(int, int)')
  const connect = library.func('int connect(int, uint64, uint)')
  const send = library.func('int64 send(int, uint64, size_t, int)')
  const getsockname = library.func('int getsockname(int, uint64, _Inout_ uint *)')
  const setsockopt = library.func('int setsockopt(int, int, int, uint64, uint)')
  const getsockopt = library.func('int getsockopt(int, int, int, uint64, _Inout_ uint *)')
  const poll = library.func('int poll(uint64, ulong, int)')
  const mount = library.func('int mount(str, str, str, ulong, uint64)')
  const umount = library.func('int umount2(str, int)')
  const prlimit = library.func('int prlimit(int, int, uint64, uint64)')
  const clockGettime = library.func('int clock_gettime(int, uint64)')
  const getpagesize = library.func('int getpagesize()')
  return {
    systemCall: (number, ...args) => {
      held.arguments = args
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args.map(value)
      return failure(Number(syscall(number, a, b, c, d, e, f)))
    },
    mmap: (length, protection, flags, fd, offset) => {
      const address = BigInt(mmap(0, length, protection, flags, fd, offset))
      return BigInt.asIntN(64, address) === -1n ? BigInt(-koffi.errno()) : address
    },
    munmap: (address, length) => failure(munmap(address, length)),
    ioctl: (fd, request, argument) => failure(ioctl(fd, request, argument)),
    close: (fd) => failure(close(fd)),
    read: (fd, memory, offset) => {
      held.arguments = memory
      const size = memory.bytes.byteLength - offset
      return failure(Number(read(fd, memory.address + BigInt(offset), size)))
    },
    epollCreate: (flags) => failure(epollCreate(flags)),
    epollCtl: (epoll, operation, fd, event) => {
      held.arguments = event
      return failure(epollCtl(epoll, operation, fd, event.address))
    },
    socket: (family, type, protocol) => failure(socket(family, type, protocol)),
    bind: (fd, address) => {
      held.arguments = address
      return failure(bind(fd, address.address, address.bytes.byteLength))
    },
    listen: (fd, backlog) => failure(listen(fd, backlog)),
    connect: (fd, address) => {
      held.arguments = address
      return failure(connect(fd, address.address, address.bytes.byteLength))
    },
    send: (fd, bytes, flags) => {
      held.arguments = bytes
      return failure(Number(send(fd, bytes.address, bytes.bytes.byteLength, flags)))
    },
    getsockname: (fd, address) => {
      held.arguments = address
      return failure(getsockname(fd, address.address, [address.bytes.byteLength]))
    },
    setsockopt: (fd, level, name, option) => {
      held.arguments = option
      return failure(setsockopt(fd, level, name, option.address, option.bytes.byteLength))
    },
    getsockopt: (fd, level, name, option) => {
      held.arguments = option
      return failure(getsockopt(fd, level, name, option.address, [option.bytes.byteLength]))
    },
    poll: (pollfd, milliseconds) => {
      held.arguments = pollfd
      return failure(poll(pollfd.address, 1, milliseconds))
    },
    mount: (source, target, type, flags) => failure(mount(source, target, type, flags, 0)),
    umount: (target, flags) => failure(umount(target, flags)),
    prlimit: (resource, newLimit, oldLimit) => {
      held.arguments = [newLimit, oldLimit]
      return failure(prlimit(0, resource, value(newLimit), value(oldLimit)))
    },
    clockGettime: (clock, timespec) => {
      held.arguments = timespec
      return failure(clockGettime(clock, timespec.address))
    },
    getpagesize: () => getpagesize(),
  }
}

function value(argument: Argument): number | bigint {
  if (argument === undefined) return 0
  return typeof argument === 'object' ? argument.address : argument
}

/** Numbers of the calls that `systemCall` is for, by machine (include/uapi/asm-generic/unistd.h and x86's table). */
const SYSTEM_CALLS = {
  x64: { bpf: 321, perf_event_open: 298, flock: 73 },
  arm64: { bpf: 280, perf_event_open: 241, flock: 32 },
} as const
/** Calls of Linux 5.2 and later have one number on all machines. */
const LATER_CALLS = { fsopen: 430, fsconfig: 431, fsmount: 432 } as const

export type SystemCallName = keyof (typeof SYSTEM_CALLS)['x64'] | keyof typeof LATER_CALLS

/**
 * The number of a system call on this machine.
 *
 * @throws {PlatformError} if the machine is neither x86-64 nor arm64
 */
export function systemCallNumber(name: SystemCallName): number {
  if (name in LATER_CALLS) return LATER_CALLS[name as keyof typeof LATER_CALLS]
  const table = process.arch === 'x64' || process.arch === 'arm64' ? SYSTEM_CALLS[process.arch] : undefined
  if (table === undefined)
    throw new PlatformError(`BPF is supported on x64 and arm64; this machine is ${process.arch}`)
  return table[name as keyof typeof table]
}
