import { encodeInstructions } from '../asm/codec.js'
import type { Btf } from '../btf/btf.js'
import { type TracepointFormat, tracepointFormatBtf } from '../btf/tracefs-format.js'
import { InvalidSpecError, NotFoundError, UnresolvedRelocationError, UnsupportedError } from '../errors.js'
import { has } from '../features/feature.js'
import { probeHelper } from '../features/helpers.js'
import { KERNEL_BTF_PATH, openKernelBtf } from '../features/kernel-btf.js'
import { readTracepointFormat } from '../link/tracepoint-format.js'
import { createMap } from '../map/create-map.js'
import { loadProgram } from '../program/load-program.js'
import { Program } from '../program/program.js'
import { type ConstantValue, setConstant } from '../spec/constants.js'
import { CoreResolver } from '../spec/core-relocation.js'
import { lowerHelpers } from '../spec/lower-helpers.js'
import { isBufferKind } from '../spec/map-kind.js'
import type { MapSpec, ObjectSpec, ProgramSpec } from '../spec/object-spec.js'
import { type PreparedProgram, prepareProgram } from '../spec/prepare-program.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import type { ProgramImage } from '../sys/program.js'
import { openTracefs } from '../sys/tracefs.js'
import { BpfObject } from './bpf-object.js'
import { createDataMap } from './data-map.js'
import { putMapDescriptors } from './map-descriptors.js'
import { loadObjectBtf, type ObjectBtf } from './object-btf.js'
import type { SharedRecords } from './shared-records.js'

/** What of a map may be decided at load. */
export interface MapOverride extends Partial<Pick<MapSpec, 'kind' | 'valueSize' | 'maxEntries' | 'flags'>> {
  /**
   * A buffer that is there already, for the programs to write to in place of one of the object's own: it decides kind and
   * size. The object neither reads nor closes it.
   */
  readonly reuse?: SharedRecords
}

/** How an object is to be loaded. */
export interface LoadOptions {
  /** Values of the object's constants, by name. */
  readonly constants?: Readonly<Record<string, ConstantValue>>
  /** Changes to its maps, by name. */
  readonly maps?: Readonly<Record<string, MapOverride>>
  /** Which programs; all that it has, unless told. Maps that none of them uses are not created. */
  readonly programs?: readonly string[]
  /** The kernel's types; its own (/sys/kernel/btf/vmlinux) unless told. `none` is for a kernel that has none. */
  readonly kernelBtf?: Btf | 'none'
}

/**
 * Loads an object into the kernel: creates its maps and loads its programs, relocated for this kernel. Nothing is
 * attached. The specification is changed where the options say so.
 *
 * @throws {NotFoundError} for a program, map or constant that the object does not have, or a tracepoint that the kernel
 *   does not have
 * @throws {InvalidSpecError} for a constant that does not fit, or a shared buffer in place of what is none
 * @throws {UnresolvedRelocationError} {UnsupportedError} {VerifierError} {NotPermittedError} {MemlockError} {SystemCallError}
 */
export function loadObject(spec: ObjectSpec, options: LoadOptions = {}): BpfObject {
  for (const [name, value] of Object.entries(options.constants ?? {})) setConstant(spec, name, value)
  const reused = new Map<string, SharedRecords>()
  for (const [name, { reuse, ...override }] of Object.entries(options.maps ?? {})) {
    const map = Object.assign(existing(spec.maps, name, 'map'), override)
    if (reuse === undefined) continue
    if (!isBufferKind(map.kind))
      throw new InvalidSpecError(
        `Map ${name} (${map.kind}) carries no records: no shared buffer can stand for it`,
      )
    Object.assign(map, reuse.spec)
    reused.set(name, reuse)
  }
  const names = options.programs ?? [...spec.programs.keys()]
  const programs = names.map((name) => existing(spec.programs, name, 'program'))
  const kernelBtf = options.kernelBtf === 'none' ? undefined : (options.kernelBtf ?? openKernelBtf())
  const formats = readFormats(programs)
  const kernel: Kernel = { btf: kernelBtf, formats }
  const resolver = resolverFor(spec, programs, kernel)
  // What a program is bound to is asked for first: its absence says more than a relocation that finds nothing.
  for (const program of programs) callerOf(program, kernel)
  const prepared = programs.map((program) => prepare(spec, program, kernel, resolver))
  for (const [index, program] of programs.entries()) lowerFor(program, prepared[index], kernel)
  return new Loader(spec, kernel, reused).load(programs, prepared)
}

/** What is known of the running kernel while an object is loaded. */
interface Kernel {
  readonly btf: Btf | undefined
  readonly formats: ReadonlyMap<ProgramSpec, TracepointFormat>
}

function existing<T>(known: ReadonlyMap<string, T>, name: string, kind: string): T {
  const found = known.get(name)
  if (found === undefined)
    throw new NotFoundError(
      `The object has no ${kind} ${name}; it has ${[...known.keys()].join(', ') || 'none'}`,
    )
  return found
}

/** The formats of the classic tracepoints among the programs' targets. */
function readFormats(programs: readonly ProgramSpec[]): Map<ProgramSpec, TracepointFormat> {
  const formats = new Map<ProgramSpec, TracepointFormat>()
  if (!programs.some((program) => program.attach.kind === 'tracepoint')) return formats
  const tracefs = openTracefs()
  if (tracefs.path === undefined) {
    throw new UnsupportedError(`Classic tracepoints need tracefs: ${tracefs.reason}`, {
      needs: tracefs.needs,
      hint: tracefs.hint,
    })
  }
  try {
    for (const program of programs) {
      const { attach } = program
      if (attach.kind === 'tracepoint')
        formats.set(program, readTracepointFormat(tracefs, attach.group, attach.name))
    }
  } finally {
    tracefs.close()
  }
  return formats
}

/** Names of the types that programs are bound to. */
function targetTypes(programs: readonly ProgramSpec[]): string[] {
  return programs.flatMap(({ attach }) => (attach.kind === 'tp_btf' ? [tracepointTypeName(attach.name)] : []))
}

function resolverFor(
  spec: ObjectSpec,
  programs: readonly ProgramSpec[],
  kernel: Kernel,
): CoreResolver | undefined {
  if (spec.btf === undefined) return undefined
  const formats = [...kernel.formats.values()]
  const targets = formats.length === 0 ? [] : [tracepointFormatBtf(formats)]
  const resolver = new CoreResolver(spec.btf, kernel.btf === undefined ? targets : [...targets, kernel.btf])
  const relocations = [...spec.functions.values()].flatMap((part) => [...part.relocations.values()])
  resolver.locate(relocations, targetTypes(programs))
  return resolver
}

function prepare(
  spec: ObjectSpec,
  program: ProgramSpec,
  kernel: Kernel,
  resolver: CoreResolver | undefined,
): PreparedProgram {
  try {
    return prepareProgram(spec, program.name, resolver)
  } catch (cause) {
    if (!(cause instanceof UnresolvedRelocationError) || kernel.btf !== undefined) throw cause
    throw new UnresolvedRelocationError(
      `Cannot relocate ${program.name}: it needs the kernel's types, and there is no BTF at ${KERNEL_BTF_PATH}`,
      { cause, needs: 'kernel_btf', hint: 'It takes a kernel built with CONFIG_DEBUG_INFO_BTF=y.' },
    )
  }
}

/** The type of program, and what it is bound to when it is loaded. */
function callerOf(
  program: ProgramSpec,
  kernel: Kernel,
): Pick<ProgramImage, 'type' | 'attachType' | 'attachBtfId'> {
  switch (program.attach.kind) {
    case 'tp_btf':
      return {
        type: 'BPF_PROG_TYPE_TRACING',
        attachType: 'BPF_TRACE_RAW_TP',
        attachBtfId: tracepointType(program.attach.name, kernel.btf),
      }
    case 'raw_tp':
      return { type: 'BPF_PROG_TYPE_RAW_TRACEPOINT' }
    case 'tracepoint':
      return { type: 'BPF_PROG_TYPE_TRACEPOINT' }
    case 'socket_filter':
      return { type: 'BPF_PROG_TYPE_SOCKET_FILTER' }
    case 'unknown':
      throw new UnsupportedError(
        `Cannot load program ${program.name}: programs in section ${program.attach.section} are not supported`,
      )
  }
}

/** What the kernel calls the type of a tracepoint's arguments. */
function tracepointTypeName(name: string): string {
  return `btf_trace_${name}`
}

function tracepointType(name: string, btf: Btf | undefined): number {
  if (btf === undefined) {
    throw new UnsupportedError(
      `Typed tracepoints (tp_btf) need the kernel's BTF, and there is none at ${KERNEL_BTF_PATH}`,
      {
        needs: 'kernel_btf',
        hint: 'They take a kernel built with CONFIG_DEBUG_INFO_BTF=y, Linux 5.5 or later; raw tracepoints do without.',
      },
    )
  }
  const found = btf.find('typedef', tracepointTypeName(name))
  if (found === undefined) throw new NotFoundError(`This kernel has no tracepoint ${name}`)
  return found.id
}

function lowerFor(program: ProgramSpec, prepared: PreparedProgram | undefined, kernel: Kernel): void {
  if (prepared === undefined) return
  const caller = callerOf(program, kernel)
  lowerHelpers(prepared.code, (helper) => has(probeHelper(helper, caller)))
}

/** Creates the parts of one object, and takes all of them back if one cannot be had. */
class Loader {
  readonly #spec: ObjectSpec
  readonly #kernel: Kernel
  readonly #reused: ReadonlyMap<string, SharedRecords>
  readonly #maps = new Map<string, FileDescriptor>()
  readonly #programs = new Map<string, Program>()
  #btf: ObjectBtf | undefined

  constructor(spec: ObjectSpec, kernel: Kernel, reused: ReadonlyMap<string, SharedRecords>) {
    this.#spec = spec
    this.#kernel = kernel
    this.#reused = reused
  }

  load(programs: readonly ProgramSpec[], prepared: readonly PreparedProgram[]): BpfObject {
    const object = new BpfObject(this.#spec, this.#maps, this.#programs, this.#reused)
    try {
      const maps = new Set(prepared.flatMap((program) => [...program.maps]))
      const data = new Set(prepared.flatMap((program) => [...program.data]))
      this.#btf = loadObjectBtf(this.#spec, maps, prepared)
      for (const name of maps) if (!this.#reused.has(name)) this.#maps.set(name, this.#createMap(name))
      for (const name of data) this.#maps.set(name, createDataMap(existing(this.#spec.data, name, 'section')))
      for (const [index, program] of programs.entries()) {
        const ready = prepared[index]
        if (ready !== undefined) this.#programs.set(program.name, this.#loadProgram(program, ready, object))
      }
      return object
    } catch (error) {
      object.close()
      throw error
    } finally {
      // Maps and programs hold on to the types that they refer to.
      this.#btf?.fd.close()
    }
  }

  #createMap(name: string): FileDescriptor {
    const map = existing(this.#spec.maps, name, 'map')
    const key = this.#typeOf(map.key)
    const value = this.#typeOf(map.value)
    // A type says its own size: of a value that was made smaller it would be wrong.
    const isWhole = map.value !== undefined && map.valueSize === this.#spec.btf?.sizeOf(map.value)
    const btf =
      this.#btf === undefined || key === 0 || value === 0 || !isWhole
        ? {}
        : { btf: { fd: this.#btf.fd.number, key, value } }
    return new FileDescriptor(createMap({ ...map, ...btf }), `map ${name}`)
  }

  #typeOf(id: number | undefined): number {
    return id === undefined ? 0 : (this.#btf?.idOf(id) ?? 0)
  }

  #loadProgram(program: ProgramSpec, prepared: PreparedProgram, object: BpfObject): Program {
    putMapDescriptors(
      prepared.code,
      new Map([
        ...[...this.#maps].map(([name, { number }]) => [name, number] as const),
        ...[...this.#reused].map(([name, { fileDescriptor }]) => [name, fileDescriptor] as const),
      ]),
    )
    const debug = this.#btf?.debugOf(prepared)
    const image: ProgramImage = {
      ...callerOf(program, this.#kernel),
      name: program.name,
      license: this.#spec.license,
      code: encodeInstructions(prepared.code),
      ...(debug === undefined ? {} : { debug }),
    }
    const fd = new FileDescriptor(loadProgram(image), `program ${program.name}`)
    return new Program(fd, program.name, program.attach, {
      format: this.#kernel.formats.get(program),
      onAttach: (link) => object.own(link),
    })
  }
}
