import type { Codec } from '../btf/value-codec.js'
import { bpf_attr_batch, bpf_attr_map_elem, bpf_update_flags } from '../sys/abi.generated.js'
import { bpf } from '../sys/bpf.js'
import { possibleCpuCount } from '../sys/cpus.js'
import { ENOTSUPP, ERRNO, failed } from '../sys/errno.js'
import type { FileDescriptor } from '../sys/file-descriptor.js'
import { allocate, type Memory } from '../sys/memory.js'
import { pinObject } from '../sys/pin.js'
import { packStruct } from '../sys/struct.js'

/** Whether a value may replace one that is there. */
export type UpdateMode = 'any' | 'create' | 'replace'

const UPDATE_FLAGS: Readonly<Record<UpdateMode, number>> = {
  any: bpf_update_flags.BPF_ANY,
  create: bpf_update_flags.BPF_NOEXIST,
  replace: bpf_update_flags.BPF_EXIST,
}

/** Entries that one batch look-up asks for at first. */
const BATCH = 256
/** How often, on a kernel without batches, a map may be walked through without anything new being met. */
const FRUITLESS_WALKS = 16

/** How a map is described to the outside. */
export interface MapInfo {
  readonly name: string
  readonly keySize: number
  readonly maxEntries: number
}

/**
 * A map in the kernel, its keys and values typed by BTF: hashes and arrays, LRU and not. bpf(2), Linux 3.19.
 *
 * Each call is a system call; `entries` gets many at a time where the kernel can (Linux 5.6).
 *
 * Of a cgroup_array (Linux 4.8) the values are file descriptors of directories of cgroup2, opened to be read; it holds on
 * to the groups, and the descriptors may be closed. It is written and deleted from; the kernel does not have it read
 * (ENOTSUPP), and says EBADF to what is no such directory (cgroup_fd_array_get_ptr in its kernel/bpf/arraymap.c).
 */
export class BpfMap<K, V> {
  readonly name: string
  readonly maxEntries: number
  protected readonly fd: FileDescriptor
  readonly #key: Codec<K>
  readonly #value: Codec<V>

  constructor(fd: FileDescriptor, info: MapInfo, key: Codec<K>, value: Codec<V>) {
    this.fd = fd
    this.name = info.name
    this.maxEntries = info.maxEntries
    this.#key = key
    this.#value = value
  }

  /**
   * Its file descriptor's number.
   *
   * @throws {ClosedError}
   */
  get fileDescriptor(): number {
    return this.fd.number
  }

  /**
   * The value of a key, or `undefined`.
   *
   * @throws {SystemCallError} {ClosedError}
   */
  get(key: K): V | undefined {
    return this.#lookUp(this.#encodeKey(key))
  }

  /**
   * Puts a value under a key.
   *
   * @throws {SystemCallError} E2BIG if the map is full, EEXIST or ENOENT as `mode` asks; {ClosedError}
   */
  set(key: K, value: V, mode: UpdateMode = 'any'): void {
    const memory = allocate(this.valueBytes())
    this.writeValue(memory.view, value)
    const result = bpf(
      'BPF_MAP_UPDATE_ELEM',
      packStruct(bpf_attr_map_elem, {
        map_fd: this.fd.number,
        key: this.#encodeKey(key),
        value: memory,
        flags: UPDATE_FLAGS[mode],
      }),
    )
    if (result < 0) throw failed(`Cannot write to map ${this.name}`, result)
  }

  /**
   * Takes a key out.
   *
   * @returns whether it was there
   * @throws {SystemCallError} {ClosedError}
   */
  delete(key: K): boolean {
    const result = bpf(
      'BPF_MAP_DELETE_ELEM',
      packStruct(bpf_attr_map_elem, { map_fd: this.fd.number, key: this.#encodeKey(key) }),
    )
    if (result === -ERRNO.ENOENT) return false
    if (result < 0) throw failed(`Cannot delete from map ${this.name}`, result)
    return true
  }

  /**
   * Takes a key out, and gives the value that it had, in one: nothing comes between. Linux 4.20 for queues and stacks, 5.14
   * for hashes (kernel/bpf/syscall.c: map_lookup_and_delete_elem).
   *
   * A program that looked the value up before may still write to it: what it writes is lost.
   *
   * @returns `undefined` if it was not there
   * @throws {SystemCallError} ENOTSUPP or EINVAL where the kernel cannot; {ClosedError}
   */
  take(key: K): V | undefined {
    const value = allocate(this.valueBytes())
    const result = bpf(
      'BPF_MAP_LOOKUP_AND_DELETE_ELEM',
      packStruct(bpf_attr_map_elem, { map_fd: this.fd.number, key: this.#encodeKey(key), value }),
    )
    if (result === -ERRNO.ENOENT) return undefined
    if (result < 0) throw failed(`Cannot take from map ${this.name}`, result)
    return this.readValue(value.view, 0)
  }

  /**
   * All entries, each once. What programs put in or take out meanwhile may be seen or not.
   *
   * @throws {SystemCallError} EAGAIN if, on a kernel without batches, keys are taken out faster than they can be read;
   *   {ClosedError}
   */
  *entries(): Generator<[K, V]> {
    const batched = yield* this.#batches()
    if (!batched) yield* this.#oneByOne()
  }

  /**
   * Gives it a name on a bpffs: it lives on when it is closed, until the file is removed. Linux 4.4.
   *
   * @throws {UnsupportedError} if no bpffs is there
   * @throws {NotFoundError} {ExistsError} {InvalidSpecError} {NotPermittedError} {SystemCallError} {ClosedError}
   */
  pin(path: string): void {
    pinObject(this.fd.number, `map ${this.name}`, path)
  }

  /** Closes the map; the kernel frees it when no program uses it either, and no pin holds it. */
  close(): void {
    this.fd.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** Bytes that the kernel reads or writes for a value. */
  protected valueBytes(): number {
    return this.#value.size
  }

  protected readValue(view: DataView, offset: number): V {
    return this.#value.read(view, offset)
  }

  protected writeValue(view: DataView, value: V): void {
    this.#value.write(view, 0, value)
  }

  #lookUp(key: Memory): V | undefined {
    const value = allocate(this.valueBytes())
    const attributes = packStruct(bpf_attr_map_elem, { map_fd: this.fd.number, key, value })
    const result = bpf('BPF_MAP_LOOKUP_ELEM', attributes)
    if (result === -ERRNO.ENOENT) return undefined
    if (result < 0) throw failed(`Cannot read map ${this.name}`, result)
    return this.readValue(value.view, 0)
  }

  #encodeKey(key: K): Memory {
    const memory = allocate(this.#key.size)
    this.#key.write(memory.view, 0, key)
    return memory
  }

  /** @returns false if the kernel has no batches for this map */
  *#batches(): Generator<[K, V], boolean> {
    const size = this.valueBytes()
    let room = BATCH
    let keys = allocate(this.#key.size * room)
    let values = allocate(size * room)
    // The position is a key in arrays and a bucket's number (u32) in hashes.
    let position: Memory | undefined
    for (;;) {
      const next = allocate(Math.max(this.#key.size, 4))
      const attributes = packStruct(bpf_attr_batch, {
        map_fd: this.fd.number,
        in_batch: position,
        out_batch: next,
        keys,
        values,
        count: room,
      })
      const result = bpf('BPF_MAP_LOOKUP_BATCH', attributes)
      if (position === undefined && (result === -ERRNO.EINVAL || result === -ENOTSUPP)) return false
      if (result === -ERRNO.ENOSPC && room < 2 * this.maxEntries) {
        // A bucket is handed out whole or not at all: this one holds more than there is room for.
        room *= 2
        keys = allocate(this.#key.size * room)
        values = allocate(size * room)
        continue
      }
      if (result < 0 && result !== -ERRNO.ENOENT) throw failed(`Cannot read map ${this.name}`, result)
      const count = attributes.view.getUint32(bpf_attr_batch.fields.count.offset, true)
      for (let index = 0; index < count; index++) {
        yield [this.#key.read(keys.view, index * this.#key.size), this.readValue(values.view, index * size)]
      }
      if (result === -ERRNO.ENOENT) return true
      position = next
    }
  }

  *#oneByOne(): Generator<[K, V]> {
    // From a key that was taken out meanwhile, the kernel goes on with the first: what was told is passed over.
    const told = new Set<string>()
    let key: Memory | undefined
    for (let fruitless = 0; fruitless <= FRUITLESS_WALKS * this.maxEntries; fruitless++) {
      const next: Memory = allocate(this.#key.size)
      const attributes = packStruct(bpf_attr_map_elem, { map_fd: this.fd.number, key, next_key: next })
      const result = bpf('BPF_MAP_GET_NEXT_KEY', attributes)
      if (result === -ERRNO.ENOENT) return
      if (result < 0) throw failed(`Cannot read map ${this.name}`, result)
      key = next
      const bytes = String.fromCharCode(...next.bytes)
      if (told.has(bytes)) continue
      told.add(bytes)
      fruitless = 0
      // Asked for by its bytes: a key may have some that its codec passes over.
      const value = this.#lookUp(next)
      if (value !== undefined) yield [this.#key.read(next.view, 0), value]
    }
    throw failed(`Cannot read map ${this.name}, it changes faster than it can be read`, -ERRNO.EAGAIN)
  }
}

/** The values of a per-CPU map's key: one a CPU, in the order of their numbers. Linux 4.6. */
export class PerCpuMap<K, V> extends BpfMap<K, readonly V[]> {
  constructor(fd: FileDescriptor, info: MapInfo, key: Codec<K>, value: Codec<V>) {
    super(fd, info, key, perCpuCodec(value))
  }
}

/** The kernel rounds each CPU's value up to eight bytes. */
function perCpuCodec<V>(value: Codec<V>): Codec<readonly V[]> {
  const cpus = possibleCpuCount()
  const stride = Math.ceil(value.size / 8) * 8
  return {
    size: stride * cpus,
    read: (view, offset) => Array.from({ length: cpus }, (_, cpu) => value.read(view, offset + cpu * stride)),
    write: (view, offset, values) => {
      for (const [cpu, item] of values.slice(0, cpus).entries())
        value.write(view, offset + cpu * stride, item)
    },
  }
}
