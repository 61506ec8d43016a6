import type { BtfTypeId } from '../btf/btf-type.js'
import type { LoweredBtf } from '../btf/lower-btf.js'
import { lowerBtf } from '../btf/lower-btf.js'
import { probeBtfSupport } from '../features/btf-support.js'
import type { ObjectSpec } from '../spec/object-spec.js'
import type { PreparedProgram } from '../spec/prepare-program.js'
import { tryLoadBtf } from '../sys/btf.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { FUNCTION_RECORD_SIZE, LINE_RECORD_SIZE, type ProgramDebug } from '../sys/program.js'

/** An object's types in the kernel: what maps and programs refer to so that others can read them. */
export interface ObjectBtf {
  readonly fd: FileDescriptor
  /** The number that a type of the object has there; 0 if it was left out. */
  readonly idOf: (id: BtfTypeId) => BtfTypeId
  /** The records of a program's functions and lines; `undefined` where the kernel takes none (before Linux 5.0). */
  debugOf(program: PreparedProgram): ProgramDebug | undefined
}

const ALL = {
  functions: true,
  variables: true,
  globalFunctions: true,
  float: true,
  declTag: true,
  typeTag: true,
  enum64: true,
} as const

/**
 * Gives the kernel as much of an object's BTF as it takes. Nothing needs it: it serves verifier logs, bpftool and
 * profilers, so that a kernel that will have none of it gets none.
 */
export function loadObjectBtf(
  spec: ObjectSpec,
  maps: Iterable<string>,
  programs: readonly PreparedProgram[],
): ObjectBtf | undefined {
  const { btf } = spec
  if (btf === undefined) return undefined
  const roots = rootsOf(spec, maps, programs)
  // What the kernel takes is asked of it only when it has refused the whole.
  for (const support of [() => ALL, probeBtfSupport]) {
    const taken = support()
    const lowered = lowerBtf(btf, roots, taken)
    const lines = taken.functions
      ? programs.map((program) => [program.name, lineRecords(program, lowered)] as const)
      : []
    const fd = tryLoadBtf(lowered.builder.bytes())
    if (fd >= 0) return objectBtf(new FileDescriptor(fd, 'BTF'), lowered, new Map(lines))
  }
  return undefined
}

function rootsOf(
  spec: ObjectSpec,
  maps: Iterable<string>,
  programs: readonly PreparedProgram[],
): Set<BtfTypeId> {
  const roots = new Set<BtfTypeId>()
  for (const name of maps) {
    const map = spec.maps.get(name)
    if (map?.key !== undefined) roots.add(map.key)
    if (map?.value !== undefined) roots.add(map.value)
  }
  for (const program of programs)
    for (const { type } of program.functions) if (type !== undefined) roots.add(type)
  return roots
}

function objectBtf(
  fd: FileDescriptor,
  { idOf }: LoweredBtf,
  lines: ReadonlyMap<string, Uint8Array>,
): ObjectBtf {
  return {
    fd,
    idOf,
    debugOf: (program) => {
      const records = lines.get(program.name)
      const types = program.functions.map(({ type }) => (type === undefined ? 0 : idOf(type)))
      if (records === undefined || types.includes(0)) return undefined
      const words = program.functions.flatMap(({ slot }, index) => [slot, types[index] ?? 0])
      return { btf: fd.number, functions: wordBytes(words, FUNCTION_RECORD_SIZE), lines: records }
    },
  }
}

/** Files and lines of source are strings of the BTF, which must be there before it is written. */
function lineRecords(program: PreparedProgram, { builder }: LoweredBtf): Uint8Array {
  const words = program.lines.flatMap(({ slot, line }) => [
    slot,
    builder.string(line.file),
    builder.string(line.text),
    ((line.line << 10) | line.column) >>> 0,
  ])
  return wordBytes(words, LINE_RECORD_SIZE)
}

function wordBytes(words: readonly number[], recordSize: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((words.length * 4) / recordSize) * recordSize)
  const view = new DataView(bytes.buffer)
  for (const [index, word] of words.entries()) view.setUint32(index * 4, word, true)
  return bytes
}
