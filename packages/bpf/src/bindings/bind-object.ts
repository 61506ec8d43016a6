import { readFileSync } from 'node:fs'
import type { Codec } from '../btf/value-codec.js'
import { perfBufferSize } from '../buffer/perf-buffer.js'
import type { RecordBuffer, RecordDecoder } from '../buffer/record-buffer.js'
import { ringBufferSize } from '../buffer/ring-buffer.js'
import { InvalidSpecError, NotFoundError } from '../errors.js'
import type { BpfMap, PerCpuMap } from '../map/bpf-map.js'
import { openPinnedMap, openPinnedPerCpuMap } from '../map/pinned-map.js'
import type { BpfObject } from '../object/bpf-object.js'
import { type LoadOptions, loadObject, type MapOverride } from '../object/load-object.js'
import type { SharedRecords } from '../object/shared-records.js'
import type { Program } from '../program/program.js'
import type { ConstantValue } from '../spec/constants.js'
import type { MapSpec, ObjectSpec } from '../spec/object-spec.js'
import { type ReadOptions, readObject } from '../spec/read-object.js'

/** What may be decided of a map when its object is loaded. */
export interface MapOptions {
  /** Entries at most. */
  readonly entries?: number
  /** Bytes of a value, for programs that are told to use no more of it. It can then not be read from here. */
  readonly valueBytes?: number
}

/** What may be decided of a buffer when its object is loaded. */
export interface BufferOptions {
  /** Bytes: of the ring buffer, or of the perf buffer of each CPU. Rounded up to what the kernel takes. */
  readonly bytes?: number
  /** A ring buffer (Linux 5.8) unless told; the program must be told too. */
  readonly kind?: 'ringbuf' | 'perf'
  /** A buffer that is there already, and is read where it was made, in place of one of the object's own. */
  readonly reuse?: SharedRecords
}

/** A map as generated code describes it: how it is opened once the object is loaded, and what its options mean. */
export interface MapBinding<M, O> {
  readonly name: string
  readonly open: (object: BpfObject, options: O | undefined) => M
  /** Opened when the object is loaded, not when first used: a perf buffer must be there before a program writes to it. */
  readonly eager: boolean
  readonly override: (options: O) => MapOverride
  /** Opens it where it is pinned, given how the object declares it; a buffer is opened as a buffer. */
  readonly openPinned?: (path: string, spec: MapSpec) => M
}

const sizeOverride = ({ entries, valueBytes }: MapOptions): MapOverride => ({
  ...(entries === undefined ? {} : { maxEntries: entries }),
  ...(valueBytes === undefined ? {} : { valueSize: valueBytes }),
})

/** A map of one value a key. */
export function bindMap<K, V>(
  name: string,
  key: Codec<K>,
  value: Codec<V>,
): MapBinding<BpfMap<K, V>, MapOptions> {
  return {
    name,
    eager: false,
    open: (object) => object.map(name, key, value),
    override: sizeOverride,
    openPinned: (path, { kind }) => openPinnedMap(path, { kind }, key, value),
  }
}

/** A map of one value a CPU for a key. */
export function bindPerCpuMap<K, V>(
  name: string,
  key: Codec<K>,
  value: Codec<V>,
): MapBinding<PerCpuMap<K, V>, MapOptions> {
  return {
    name,
    eager: false,
    open: (object) => object.perCpuMap(name, key, value),
    override: sizeOverride,
    openPinned: (path, { kind }) => openPinnedPerCpuMap(path, { kind }, key, value),
  }
}

/** A buffer of records. */
export function bindRecords<T>(
  name: string,
  decoder: RecordDecoder<T>,
): MapBinding<RecordBuffer<T>, BufferOptions> {
  return {
    name,
    eager: true,
    open: (object, options) =>
      object.records(name, decoder, options?.bytes === undefined ? undefined : perfBufferSize(options.bytes)),
    override: ({ kind, bytes, reuse }) => {
      if (reuse !== undefined) return { reuse }
      if (kind === 'perf') return { kind: 'perf_event_array', maxEntries: 0 }
      return bytes === undefined ? {} : { maxEntries: ringBufferSize(bytes) }
    },
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a bound is inferred from each entry; no value of this type exists
type AnyMapBinding = MapBinding<any, any>
type OptionsOf<B> = B extends MapBinding<infer _M, infer O> ? O : never
type MapOf<B> = B extends MapBinding<infer M, infer _O> ? M : never

/** The constants of an object by their names here, with their names in C; and, for the compiler, their types. */
export interface ConstantNames<C> {
  readonly names: { readonly [K in keyof Required<C>]: string }
  /** Never there. */
  readonly types?: C
}

/** Ties the names of constants to their types: called by generated code. */
export function bindConstants<C>(names: { readonly [K in keyof Required<C>]: string }): ConstantNames<C> {
  return { names }
}

/** What generated code says of an object. */
export interface ObjectBinding<C, M extends Readonly<Record<string, AnyMapBinding>>, P extends string> {
  readonly name: string
  /** The object file, beside the generated code. */
  readonly url: URL
  readonly constants: ConstantNames<C>
  readonly maps: M
  /** Programs by their names here, with their names in C. */
  readonly programs: Readonly<Record<P, string>>
}

/** How a bound object is loaded: constants and maps by their names here, typed by their C types. */
export interface BoundLoadOptions<C, M extends Readonly<Record<string, AnyMapBinding>>, P extends string>
  extends Pick<LoadOptions, 'kernelBtf'> {
  readonly constants?: C
  readonly maps?: { readonly [K in keyof M]?: OptionsOf<M[K]> }
  /** Which programs; all, unless told. */
  readonly programs?: readonly P[]
}

/** A loaded object with its parts by name. Closing it leaves nothing behind in the kernel. */
export interface LoadedObject<M, P extends string> {
  /** Opened when first used. One that no loaded program uses was not created, or is shared: using it throws. */
  readonly maps: { readonly [K in keyof M]: MapOf<M[K]> }
  readonly programs: { readonly [K in P]: Program }
  /** What lies beneath. */
  readonly object: BpfObject
  close(): void
  [Symbol.dispose](): void
}

/** An object file with its types: what generated code exports. */
export interface BoundObject<C, M extends Readonly<Record<string, AnyMapBinding>>, P extends string> {
  /** The object as it stands in its file, to be read or edited; every call reads it anew. */
  spec(): ObjectSpec
  /** The object file's bytes. */
  bytes(): Uint8Array
  /**
   * Opens one of its maps that an earlier process had pinned.
   *
   * @throws {InvalidSpecError} if it is not of the kind and sizes that the object declares, or a buffer
   * @throws what `openPinnedMap` throws
   */
  openPinned<K extends keyof M & string>(map: K, path: string): MapOf<M[K]>
  /**
   * Loads it into the kernel; nothing is attached yet.
   *
   * @throws what `loadObject` throws
   */
  load<Q extends P = P>(options?: BoundLoadOptions<C, M, Q>): LoadedObject<M, Q>
}

/** Ties an object file to its types: called by generated code. */
export function bindObject<
  C extends object,
  const M extends Readonly<Record<string, AnyMapBinding>>,
  P extends string,
>(binding: ObjectBinding<C, M, P>): BoundObject<C, M, P> {
  const bytes = () => {
    try {
      return readFileSync(binding.url)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
      throw new NotFoundError(
        `Cannot load ${binding.name}: its object file ${binding.url.pathname} is not there`,
        { cause },
      )
    }
  }
  const spec = (options?: ReadOptions) => readObject(bytes(), options)
  return {
    spec: () => spec(),
    bytes,
    openPinned: (key, path) => {
      const map: AnyMapBinding | undefined = binding.maps[key]
      const declared = map === undefined ? undefined : spec().maps.get(map.name)
      if (map?.openPinned === undefined || declared === undefined)
        throw new InvalidSpecError(`The object has no map ${key} that is opened by a path`)
      return map.openPinned(path, declared)
    },
    load: (options = {}) => {
      const wanted = loadOptions(binding, options)
      const { programs } = wanted
      const object = loadObject(spec(programs === undefined ? {} : { programs }), wanted)
      try {
        return loaded(binding, options, object)
      } catch (error) {
        object.close()
        throw error
      }
    },
  }
}

function loaded<
  C extends object,
  M extends Readonly<Record<string, AnyMapBinding>>,
  P extends string,
  Q extends P,
>(
  binding: ObjectBinding<C, M, P>,
  options: BoundLoadOptions<C, M, Q>,
  object: BpfObject,
): LoadedObject<M, Q> {
  const names = options.programs ?? (Object.keys(binding.programs) as Q[])
  const maps = lazily(binding.maps, (key, map) => map.open(object, options.maps?.[key])) as {
    readonly [K in keyof M]: MapOf<M[K]>
  }
  for (const [key, map] of Object.entries(binding.maps))
    if (map.eager && object.mapNames.includes(map.name)) Reflect.get(maps, key)
  return {
    object,
    maps,
    programs: Object.fromEntries(names.map((name) => [name, object.program(binding.programs[name])])) as {
      readonly [K in Q]: Program
    },
    close: () => object.close(),
    [Symbol.dispose]: () => object.close(),
  }
}

function loadOptions<C extends object, M extends Readonly<Record<string, AnyMapBinding>>, P extends string>(
  binding: ObjectBinding<C, M, P>,
  options: BoundLoadOptions<C, M, P>,
): LoadOptions {
  const constants: Record<string, ConstantValue> = {}
  for (const [key, value] of Object.entries(options.constants ?? {}) as [
    keyof C,
    ConstantValue | undefined,
  ][]) {
    if (value !== undefined) constants[binding.constants.names[key] ?? String(key)] = value
  }
  const maps: Record<string, MapOverride> = {}
  for (const [key, value] of Object.entries(options.maps ?? {})) {
    const map = binding.maps[key]
    if (map === undefined) throw new NotFoundError(`The object has no map ${key}`)
    if (value !== undefined) maps[map.name] = map.override(value)
  }
  return {
    constants,
    maps,
    ...(options.programs === undefined
      ? {}
      : { programs: options.programs.map((name) => binding.programs[name]) }),
    ...(options.kernelBtf === undefined ? {} : { kernelBtf: options.kernelBtf }),
  }
}

/** An object whose properties are made when they are first asked for. */
function lazily<T extends object>(
  parts: T,
  make: (key: keyof T & string, part: T[keyof T]) => unknown,
): object {
  const made = {}
  for (const key of Object.keys(parts) as (keyof T & string)[]) {
    let value: unknown
    Object.defineProperty(made, key, {
      enumerable: true,
      get: () => {
        value ??= make(key, parts[key])
        return value
      },
    })
  }
  return made
}
