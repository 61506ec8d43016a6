// @ts-check
/** A connect through io_uring(7), which makes no connect(2) and runs where the kernel likes. */
import koffi from 'koffi'
import { sockaddr } from './sockets.mjs'

const libc = koffi.load(null)
const syscall = libc.func('int64 syscall(int64, uint64, uint64, uint64, uint64, uint64, uint64)')
const mmap = libc.func('uint64 mmap(uint64, size_t, int, int, int, int64)')
const munmap = libc.func('int munmap(uint64, size_t)')
const close = libc.func('int close(int)')

const IO_URING_SETUP = 425
const IO_URING_ENTER = 426
const IORING_OFF_SQ_RING = 0
const IORING_OFF_CQ_RING = 0x8000000
const IORING_OFF_SQES = 0x10000000
const IORING_ENTER_GETEVENTS = 1
const IORING_OP_CONNECT = 16
const PROT_READ_WRITE = 3
const MAP_SHARED_POPULATE = 0x8001

/**
 * Connects a blocking socket and waits for the result.
 *
 * @param {number} fd
 * @param {import('./sockets.mjs').EndPoint} place
 * @returns its error number, 0 for none; `undefined` where the kernel has no io_uring for us
 */
export function connectByIoUring(fd, place) {
  // struct io_uring_params: sq_entries, cq_entries, flags, …; offsets of the rings' parts at 40 (sq) and 80 (cq)
  const params = Buffer.alloc(120)
  const ring = Number(syscall(IO_URING_SETUP, 1, koffi.address(params), 0, 0, 0, 0))
  if (ring < 0) return undefined
  const sqEntries = params.readUInt32LE(0)
  const cqEntries = params.readUInt32LE(4)
  const sq = { head: params.readUInt32LE(40), tail: params.readUInt32LE(44), array: params.readUInt32LE(64) }
  const cq = { head: params.readUInt32LE(80), tail: params.readUInt32LE(84), cqes: params.readUInt32LE(100) }
  const map = (/** @type {number} */ size, /** @type {number} */ offset) => {
    const address = BigInt(mmap(0, size, PROT_READ_WRITE, MAP_SHARED_POPULATE, ring, offset))
    return { address, size, view: new DataView(koffi.view(address, size)) }
  }
  const sqRing = map(sq.array + sqEntries * 4, IORING_OFF_SQ_RING)
  const cqRing = map(cq.cqes + cqEntries * 16, IORING_OFF_CQ_RING)
  const sqes = map(sqEntries * 64, IORING_OFF_SQES)
  const address = sockaddr(place)
  const native = Buffer.from(new ArrayBuffer(address.length))
  address.copy(native)
  try {
    // struct io_uring_sqe: opcode u8@0, fd s32@4, off u64@8 (length of the address), addr u64@16
    sqes.view.setUint8(0, IORING_OP_CONNECT)
    sqes.view.setInt32(4, fd, true)
    sqes.view.setBigUint64(8, BigInt(native.length), true)
    sqes.view.setBigUint64(16, BigInt(koffi.address(native)), true)
    sqRing.view.setUint32(sq.array, 0, true)
    sqRing.view.setUint32(sq.tail, sqRing.view.getUint32(sq.tail, true) + 1, true)
    const entered = Number(syscall(IO_URING_ENTER, ring, 1, 1, IORING_ENTER_GETEVENTS, 0, 0))
    if (entered < 0) throw new Error(`io_uring_enter: errno ${koffi.errno()}`)
    // struct io_uring_cqe: user_data u64, res s32, flags u32
    const head = cqRing.view.getUint32(cq.head, true)
    const result = cqRing.view.getInt32(cq.cqes + (head % cqEntries) * 16 + 8, true)
    cqRing.view.setUint32(cq.head, head + 1, true)
    return -result
  } finally {
    for (const mapping of [sqRing, cqRing, sqes]) munmap(mapping.address, mapping.size)
    close(ring)
  }
}
