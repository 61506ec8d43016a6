// @ts-check
/**
 * Sockets by the C library's own calls, for what Node's net module does not do: blocking connects, io_uring, Fast Open,
 * multipath TCP, a backlog of none. Addresses and ports as the kernel tells them are what tests hold events against.
 */
import { readlinkSync, writeFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import koffi from 'koffi'

const libc = koffi.load(null)
const socket = libc.func('int socket(int, int, int)')
const bind = libc.func('int bind(int, uint8 *, uint)')
const listen = libc.func('int listen(int, int)')
const connect = libc.func('int connect(int, uint8 *, uint)')
const sendto = libc.func('long sendto(int, uint8 *, size_t, int, uint8 *, uint)')
const close = libc.func('int close(int)')
const poll = libc.func('int poll(uint8 *, ulong, int)')
const getsockname = libc.func('int getsockname(int, _Out_ uint8 *, _Inout_ uint *)')
const getsockopt = libc.func('int getsockopt(int, int, int, _Out_ uint8 *, _Inout_ uint *)')
const setsockopt = libc.func('int setsockopt(int, int, int, uint8 *, uint)')

const AF_INET = 2
const AF_INET6 = 10
const SOCK_STREAM = 1
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
const IPPROTO_MPTCP = 262
const SOL_SOCKET = 1
const SO_ERROR = 4
const IPPROTO_TCP = 6
const TCP_INFO = 11
const TCP_FASTOPEN = 23
const TCP_FASTOPEN_CONNECT = 30
const EINPROGRESS = 115
const POLLOUT = 4

/** @typedef {{ address: string, port: number }} EndPoint */
/** @typedef {{ protocol?: 'tcp' | 'mptcp', blocking?: boolean, fastOpen?: boolean, bind?: EndPoint }} SocketOptions */

/**
 * `struct sockaddr_in` or `sockaddr_in6`. An IPv4-mapped address is one of IPv6.
 *
 * @param {EndPoint} place
 */
export function sockaddr({ address, port }) {
  const v4 = isIPv4(address)
  const bytes = Buffer.alloc(v4 ? 16 : 28)
  bytes.writeUInt16LE(v4 ? AF_INET : AF_INET6, 0)
  bytes.writeUInt16BE(port, 2)
  if (v4) Buffer.from(address.split('.').map(Number)).copy(bytes, 4)
  else parseIpv6(address).copy(bytes, 8)
  return bytes
}

/** @param {string} address */
function parseIpv6(address) {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  const text =
    dotted === null
      ? address
      : `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`
  const [head = '', tail] = text.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups =
    tail === undefined ? left : [...left, ...Array(8 - left.length - right.length).fill('0'), ...right]
  const bytes = Buffer.alloc(16)
  for (const [index, group] of groups.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2)
  return bytes
}

/** @param {string} what @param {number} result */
function check(what, result) {
  if (result < 0) throw new Error(`${what}: errno ${koffi.errno()}`)
  return result
}

/**
 * @param {string} address tells the family
 * @param {SocketOptions} [options]
 */
export function openSocket(address, options = {}) {
  const type = SOCK_STREAM | SOCK_CLOEXEC | (options.blocking === true ? 0 : SOCK_NONBLOCK)
  const protocol = options.protocol === 'mptcp' ? IPPROTO_MPTCP : 0
  const fd = check('socket', socket(isIPv4(address) ? AF_INET : AF_INET6, type, protocol))
  if (options.fastOpen === true) setNumber(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
  if (options.bind !== undefined) {
    const place = sockaddr(options.bind)
    check('bind', bind(fd, place, place.length))
  }
  return fd
}

/** @param {number} fd @param {number} level @param {number} name @param {number} value */
function setNumber(fd, level, name, value) {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  check('setsockopt', setsockopt(fd, level, name, bytes, 4))
}

/**
 * A listening socket, on a port of the kernel's choice unless told.
 *
 * @param {EndPoint} place
 * @param {{ backlog?: number, fastOpen?: boolean }} [options]
 */
export function listenOn(place, { backlog = 128, fastOpen = false } = {}) {
  const fd = openSocket(place.address)
  const address = sockaddr(place)
  check('bind', bind(fd, address, address.length))
  if (fastOpen) setNumber(fd, IPPROTO_TCP, TCP_FASTOPEN, 16)
  check('listen', listen(fd, backlog))
  return { fd, ...localEnd(fd) }
}

/**
 * Begins a connect.
 *
 * @param {number} fd @param {EndPoint} place
 * @returns the error number; 0, or 115 (EINPROGRESS) when it is under way
 */
export function beginConnect(fd, place) {
  const address = sockaddr(place)
  return connect(fd, address, address.length) < 0 ? koffi.errno() : 0
}

/** Waits until a connect has ended. @param {number} fd @param {number} milliseconds @returns its error number, 0 for none */
export function endConnect(fd, milliseconds) {
  const pollfd = Buffer.alloc(8)
  pollfd.writeInt32LE(fd, 0)
  pollfd.writeInt16LE(POLLOUT, 4)
  if (check('poll', poll(pollfd, 1, milliseconds)) === 0) return EINPROGRESS
  const bytes = Buffer.alloc(4)
  check('getsockopt', getsockopt(fd, SOL_SOCKET, SO_ERROR, bytes, [4]))
  return bytes.readInt32LE(0)
}

/** @param {number} fd @param {Uint8Array} data */
export function send(fd, data) {
  return Number(check('sendto', Number(sendto(fd, data, data.length, 0, null, 0))))
}

/** @param {number} fd */
export function closeSocket(fd) {
  check('close', close(fd))
}

/** Takes a socket's connection away: connect(2) with AF_UNSPEC. @param {number} fd */
export function disconnect(fd) {
  check('connect', connect(fd, Buffer.alloc(16), 16))
}

/** The local address and port of a socket. @param {number} fd @returns {EndPoint} */
export function localEnd(fd) {
  const bytes = Buffer.alloc(28)
  check('getsockname', getsockname(fd, bytes, [28]))
  const port = bytes.readUInt16BE(2)
  if (bytes.readUInt16LE(0) === AF_INET) return { address: [...bytes.subarray(4, 8)].join('.'), port }
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(8 + index * 2).toString(16))
  return { address: groups.join(':'), port }
}

/** What `struct tcp_info` says. @param {number} fd */
export function tcpInfo(fd) {
  const bytes = Buffer.alloc(256)
  check('getsockopt', getsockopt(fd, IPPROTO_TCP, TCP_INFO, bytes, [256]))
  return {
    state: bytes.readUInt8(0),
    rttUs: bytes.readUInt32LE(68),
    totalRetransmits: bytes.readUInt32LE(100),
  }
}

/** The thread's name. @param {Uint8Array} name at most 15 bytes */
export function setComm(name) {
  writeFileSync('/proc/self/comm', name)
}

/** The inode of the network namespace that this process is in. */
export function networkNamespace() {
  return Number(/\d+/.exec(readlinkSync('/proc/self/ns/net'))?.[0])
}
