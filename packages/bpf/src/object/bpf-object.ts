import type { Codec } from '../btf/value-codec.js'
import type { RecordBuffer, RecordDecoder } from '../buffer/record-buffer.js'
import { InvalidSpecError, NotFoundError } from '../errors.js'
import type { Link } from '../link/link.js'
import { BpfMap, PerCpuMap } from '../map/bpf-map.js'
import type { Program } from '../program/program.js'
import { isPerCpu } from '../spec/map-kind.js'
import type { MapSpec, ObjectSpec } from '../spec/object-spec.js'
import type { FileDescriptor } from '../sys/file-descriptor.js'
import { openBuffer } from './open-buffer.js'
import type { SharedRecords } from './shared-records.js'

/**
 * An object in the kernel: its maps, its programs, and what was attached of them. Closing it leaves nothing behind.
 */
export class BpfObject {
  readonly programs: ReadonlyMap<string, Program>
  readonly #spec: ObjectSpec
  readonly #maps: ReadonlyMap<string, FileDescriptor>
  /** Of what others own, by the names of the maps that it is used for. */
  readonly #reused: ReadonlyMap<string, SharedRecords>
  readonly #owned: { close(): void }[] = []

  constructor(
    spec: ObjectSpec,
    maps: ReadonlyMap<string, FileDescriptor>,
    programs: ReadonlyMap<string, Program>,
    reused: ReadonlyMap<string, SharedRecords>,
  ) {
    this.#spec = spec
    this.#maps = maps
    this.#reused = reused
    this.programs = programs
  }

  /** Names of the maps that were created: those that a loaded program uses, without those that are shared. */
  get mapNames(): readonly string[] {
    return [...this.#maps.keys()]
  }

  /** @throws {NotFoundError} if it was not loaded */
  program(name: string): Program {
    const program = this.programs.get(name)
    if (program === undefined)
      throw new NotFoundError(
        `Program ${name} was not loaded; ${[...this.programs.keys()].join(', ') || 'none'} was`,
      )
    return program
  }

  /**
   * A map of one value a key.
   *
   * @throws {NotFoundError} if it was not created; {InvalidSpecError} if it is no such map
   */
  map<K, V>(name: string, key: Codec<K>, value: Codec<V>): BpfMap<K, V> {
    const { fd, spec } = this.#find(name, [key, value])
    if (isPerCpu(spec.kind)) throw new InvalidSpecError(`Map ${name} has a value for each CPU`)
    return new BpfMap(fd, spec, key, value)
  }

  /**
   * A map of one value a CPU for a key.
   *
   * @throws {NotFoundError} if it was not created; {InvalidSpecError} if it is no such map
   */
  perCpuMap<K, V>(name: string, key: Codec<K>, value: Codec<V>): PerCpuMap<K, V> {
    const { fd, spec } = this.#find(name, [key, value])
    if (!isPerCpu(spec.kind)) throw new InvalidSpecError(`Map ${name} has one value for all CPUs`)
    return new PerCpuMap(fd, spec, key, value)
  }

  /**
   * The reader of a ring buffer or of perf buffers, whichever the map is.
   *
   * @param bytesPerCpu of perf buffers; 256 KiB unless told
   * @throws {InvalidSpecError} if the map is no such buffer, or a shared one
   * @throws {NotFoundError} {SystemCallError}
   */
  records<T>(name: string, decoder: RecordDecoder<T>, bytesPerCpu?: number): RecordBuffer<T> {
    const { fd, spec } = this.#find(name)
    const buffer = openBuffer(fd, spec, decoder, bytesPerCpu)
    this.own(buffer)
    return buffer
  }

  /** Has something closed together with the object, before its programs and maps. */
  own(part: Link | { close(): void }): void {
    this.#owned.push(part)
  }

  /** Detaches its programs, and closes them and its maps. What is pinned stays. */
  close(): void {
    for (const part of this.#owned.splice(0).reverse()) part.close()
    for (const program of this.programs.values()) program.close()
    for (const map of this.#maps.values()) map.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #find(
    name: string,
    codecs?: readonly [Codec<unknown>, Codec<unknown>],
  ): { fd: FileDescriptor; spec: MapSpec } {
    if (this.#reused.has(name))
      throw new InvalidSpecError(`Map ${name} is shared: it is read where it was made, not through an object`)
    const fd = this.#maps.get(name)
    const spec = this.#spec.maps.get(name)
    if (fd === undefined || spec === undefined) {
      throw new NotFoundError(
        `Map ${name} was not created: the object does not have it, or no program that was loaded uses it`,
      )
    }
    const [key, value] = codecs ?? []
    if (
      key !== undefined &&
      value !== undefined &&
      (key.size !== spec.keySize || value.size !== spec.valueSize)
    ) {
      throw new InvalidSpecError(
        `Map ${name} has keys of ${spec.keySize} and values of ${spec.valueSize} bytes, not ${key.size} and ${value.size}`,
      )
    }
    return { fd, spec }
  }
}
