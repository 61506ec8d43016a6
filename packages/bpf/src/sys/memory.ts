import koffi from 'koffi'
import { failed } from './errno.js'
import { libc } from './libc.js'

/** Memory whose address can be given to the kernel. It lives as long as the object is held. */
export interface Memory {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly address: bigint
}

/** Memory of `size` zero bytes. */
export function allocate(size: number): Memory {
  // An ArrayBuffer of its own, never a slice of a pool: V8 does not move it.
  const bytes = new Uint8Array(new ArrayBuffer(Math.max(size, 1)), 0, size)
  return { bytes, view: new DataView(bytes.buffer, 0, size), address: koffi.address(bytes.buffer) }
}

/** Memory that holds a copy of `bytes`. */
export function memoryOf(bytes: Uint8Array): Memory {
  const memory = allocate(bytes.byteLength)
  memory.bytes.set(bytes)
  return memory
}

/** Memory that holds a NUL-terminated string. */
export function cString(text: string): Memory {
  return memoryOf(new TextEncoder().encode(`${text}\0`))
}

const PROT_READ = 1
const PROT_WRITE = 2
const MAP_SHARED = 1

/** A mapping of a kernel buffer. Nothing may touch `buffer` after `close`: the memory is gone then. */
export interface Mapping {
  readonly buffer: ArrayBuffer
  close(): void
}

/**
 * Maps `length` bytes of a file descriptor, shared with the kernel.
 *
 * @throws {SystemCallError} if mmap(2) refuses
 */
export function mapMemory(
  fd: number,
  length: number,
  options: { readonly offset?: number; readonly writable?: boolean; readonly what: string },
): Mapping {
  const protection = options.writable === true ? PROT_READ | PROT_WRITE : PROT_READ
  const address = libc().mmap(length, protection, MAP_SHARED, fd, options.offset ?? 0)
  if (address < 0n) throw failed(`Cannot map ${options.what}, ${length} bytes`, Number(address))
  const buffer = koffi.view(address, length)
  let open = true
  return {
    buffer,
    close: () => {
      if (open) libc().munmap(address, length)
      open = false
    },
  }
}
