// @ts-check
/**
 * A wire with a delay, and faults on demand, for kernels that have no netem: a TUN device whose packets come back with
 * their addresses exchanged, so that one network namespace talks to itself over it. A connect to 10.9.0.2 reaches a
 * listener on 10.9.0.1; the sums of the headers stay right, since an exchange does not change them.
 *
 *   node wire.mjs '{"delayMs": 20, "dropSyns": 1}'      run in a network namespace of the test's own
 */
import { execFileSync } from 'node:child_process'
import { openSync, read, writeSync } from 'node:fs'
import koffi from 'koffi'

/**
 * @typedef {object} Faults
 * @property {number} delayMs each way
 * @property {number} [dropSyns] of each connect, the first so many SYNs are lost
 * @property {boolean} [unreachable] a SYN is answered by ICMP: host unreachable
 */

/** @type {Faults} */
const faults = JSON.parse(process.argv[2] ?? '{"delayMs":0}')
const TUNSETIFF = 0x400454ca
const IFF_TUN = 1
const IFF_NO_PI = 0x1000
const SYN = 0x02
const ACK = 0x10

const tun = openSync('/dev/net/tun', 'r+')
const request = Buffer.alloc(40)
request.write('hvwire')
request.writeUInt16LE(IFF_TUN | IFF_NO_PI, 16)
const ioctl = koffi.load(null).func('int ioctl(int, ulong, uint8 *)')
if (ioctl(tun, TUNSETIFF, request) < 0) throw new Error(`TUNSETIFF: errno ${koffi.errno()}`)
execFileSync('ip', ['addr', 'add', '10.9.0.1/24', 'dev', 'hvwire'])
execFileSync('ip', ['link', 'set', 'hvwire', 'up'])
process.stdout.write('ready\n')

/** SYNs seen, by the source port that they came from. @type {Map<number, number>} */
const syns = new Map()
const buffer = Buffer.alloc(65_536)
next()

function next() {
  read(tun, buffer, 0, buffer.length, null, (error, size) => {
    if (error !== null) throw error
    relay(Buffer.from(buffer.subarray(0, size)))
    next()
  })
}

/** @param {Buffer} packet */
function relay(packet) {
  // IPv4 alone, TCP alone: the device's own IPv6 chatter is dropped.
  if (packet.readUInt8(0) >> 4 !== 4 || packet.readUInt8(9) !== 6) return
  const header = (packet.readUInt8(0) & 0xf) * 4
  const flags = packet.readUInt8(header + 13)
  if ((flags & (SYN | ACK)) === SYN && isLost(packet.readUInt16BE(header))) return
  const answer = faults.unreachable === true ? unreachable(packet, header) : exchanged(packet)
  if (faults.delayMs === 0) writeSync(tun, answer)
  else setTimeout(() => writeSync(tun, answer), faults.delayMs)
}

/** @param {number} port */
function isLost(port) {
  const seen = (syns.get(port) ?? 0) + 1
  syns.set(port, seen)
  return seen <= (faults.dropSyns ?? 0)
}

/** @param {Buffer} packet */
function exchanged(packet) {
  const source = Buffer.from(packet.subarray(12, 16))
  packet.copyWithin(12, 16, 20)
  source.copy(packet, 16)
  return packet
}

/** ICMP type 3, code 1, with the beginning of the packet that it is about. @param {Buffer} packet @param {number} header */
function unreachable(packet, header) {
  const quoted = packet.subarray(0, header + 8)
  const answer = Buffer.alloc(28 + quoted.length)
  answer.writeUInt8(0x45, 0)
  answer.writeUInt16BE(answer.length, 2)
  answer.writeUInt8(64, 8)
  answer.writeUInt8(1, 9)
  packet.copy(answer, 12, 16, 20)
  packet.copy(answer, 16, 12, 16)
  answer.writeUInt16BE(checksum(answer.subarray(0, 20)), 10)
  answer.writeUInt8(3, 20)
  answer.writeUInt8(1, 21)
  quoted.copy(answer, 28)
  answer.writeUInt16BE(checksum(answer.subarray(20)), 22)
  return answer
}

/** RFC 1071. @param {Buffer} bytes */
function checksum(bytes) {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2)
    sum += at + 1 < bytes.length ? bytes.readUInt16BE(at) : bytes.readUInt8(at) << 8
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
