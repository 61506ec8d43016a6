import type { Instruction } from '../asm/instruction.js'
import type { Btf } from '../btf/btf.js'
import type { CoreRelocation, LineInfo } from '../btf/btf-ext.js'
import type { BtfTypeId } from '../btf/btf-type.js'
import type { AttachTarget } from './attach-target.js'
import type { MapKind } from './map-kind.js'

/**
 * What an object file says, the same on every machine: nothing here knows a kernel.
 *
 * It may be edited before it is loaded: a map's size or kind, a constant, an instruction.
 */
export interface ObjectSpec {
  /** `license` section; some helpers are only for programs that are compatible with the GPL. */
  license: string
  /** The object's own types; `undefined` if it was compiled without `-g`. */
  readonly btf: Btf | undefined
  readonly maps: Map<string, MapSpec>
  /** Data sections: `.rodata`, `.data`, `.bss`, and those whose names begin so. */
  readonly data: Map<string, DataSpec>
  /** All functions, programs among them, by name. */
  readonly functions: Map<string, FunctionSpec>
  /** The functions that can be attached, by name. */
  readonly programs: Map<string, ProgramSpec>
}

/** A map as it is to be created. */
export interface MapSpec {
  readonly name: string
  kind: MapKind
  /** Bytes of a key and of a value. For the buffer kinds, `valueSize` is a record's. */
  keySize: number
  valueSize: number
  /** Entries; for a ring buffer, bytes (a power of two and whole pages); for a perf event array, 0: one a CPU. */
  maxEntries: number
  /** BPF_F_*. */
  flags: number
  /** Types of key and value in the object's BTF, where they are declared. */
  readonly key: BtfTypeId | undefined
  readonly value: BtfTypeId | undefined
}

/** The variables of a section. */
export interface DataSpec {
  /** The section's name: `.rodata`. */
  readonly name: string
  /** Constants: programs cannot write to it. */
  readonly readOnly: boolean
  /** What it holds at load; a copy, to be edited through `setConstant`. */
  readonly bytes: Uint8Array
  readonly variables: ReadonlyMap<string, VariableSpec>
}

export interface VariableSpec {
  readonly name: string
  readonly section: string
  readonly offset: number
  readonly size: number
  readonly type: BtfTypeId
}

/** A function with its debugging information. */
export interface FunctionSpec {
  readonly name: string
  /** The section that it was compiled into. */
  readonly section: string
  code: Instruction[]
  /** Its `func` in the object's BTF. */
  readonly type: BtfTypeId | undefined
  /** By `Instruction.origin`. */
  readonly relocations: ReadonlyMap<number, CoreRelocation>
  readonly lines: ReadonlyMap<number, LineInfo>
}

/** A function that can be attached. */
export interface ProgramSpec {
  readonly name: string
  attach: AttachTarget
}
