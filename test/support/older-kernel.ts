/**
 * Makes this kernel refuse what an older one would: in front of bpf(2), by what stands in the attributes, with the error
 * number and, where the verifier is who refuses, the words of the older kernel. What each kernel takes was seen on it, or
 * is read from its sources; where it does not take a thing, it stands beside the restriction.
 *
 * What is asked for is refused; what the kernel would do differently is not imitated.
 */
import { readFileSync } from 'node:fs'
import koffi from 'koffi'
import {
  bpf_attr_btf_load,
  bpf_attr_map_create,
  bpf_attr_prog_load,
  bpf_map_flags,
} from '../../packages/bpf/src/sys/abi.generated.js'
import type { BpfCommand, interposeBpf } from '../../packages/bpf/src/sys/bpf.js'
import type { Memory } from '../../packages/bpf/src/sys/memory.js'

const EPERM = 1
const E2BIG = 7
const EINVAL = 22

/** What a restriction says to a call: a negative error number, or nothing, if an older kernel would not have minded. */
type Restriction = (command: BpfCommand, attributes: Memory) => number | undefined

/** Each refuses one thing, and is named for it. */
export type RestrictionName = keyof typeof RESTRICTIONS

// Numbers of include/uapi/linux/bpf.h and bpf_common.h.
const CALL = 0x85
const EXIT = 0x95
const GOTO = 0x05
const LD_IMM64 = 0x18
const PSEUDO_MAP_FD = 1
const PSEUDO_CALL = 1
/** bpf_probe_read, bpf_probe_read_str, bpf_probe_read_kernel, bpf_probe_read_kernel_str. */
const COPYING_HELPERS = [4, 45, 113, 115]
const CLASS_JMP = 5
const CLASS_JMP32 = 6
const ATOMIC_64 = 0xdb
const ATOMIC_32 = 0xc3
const ATOMIC_ADD = 0
const BTF_KIND_FUNC = 12
const BTF_KIND_FUNC_PROTO = 13
const BTF_KIND_VAR = 14
const BTF_KIND_DATASEC = 15
const BTF_KIND_FLOAT = 16
const BTF_KIND_DECL_TAG = 17
const BTF_KIND_TYPE_TAG = 18
const BTF_KIND_ENUM64 = 19

const RESTRICTIONS = {
  /** Before 5.8. */
  'no ring buffer': mapKindsUpTo(25),
  /** Before 5.4: nothing behind sk_storage. */
  'map kinds of 4.19': mapKindsUpTo(20),
  /** Before 5.2: no flag behind BPF_F_ZERO_SEED, which came with 5.0 itself. */
  'no read-only maps': (command, attributes) =>
    command === 'BPF_MAP_CREATE' &&
    (u32(attributes, bpf_attr_map_create.fields.map_flags.offset) &
      (bpf_map_flags.BPF_F_RDONLY_PROG | bpf_map_flags.BPF_F_WRONLY_PROG)) !==
      0
      ? -EINVAL
      : undefined,
  /** Before 5.5. */
  'no mappable maps': (command, attributes) =>
    command === 'BPF_MAP_CREATE' &&
    (u32(attributes, bpf_attr_map_create.fields.map_flags.offset) & bpf_map_flags.BPF_F_MMAPABLE) !== 0
      ? -EINVAL
      : undefined,
  /** Before 5.2. */
  'no freezing': refuseCommands(['BPF_MAP_FREEZE']),
  /** Before 5.6. */
  'no batches': refuseCommands([
    'BPF_MAP_LOOKUP_BATCH',
    'BPF_MAP_LOOKUP_AND_DELETE_BATCH',
    'BPF_MAP_UPDATE_BATCH',
    'BPF_MAP_DELETE_BATCH',
  ]),
  /** Before 5.7. */
  'no links': refuseCommands([
    'BPF_LINK_CREATE',
    'BPF_LINK_UPDATE',
    'BPF_LINK_GET_FD_BY_ID',
    'BPF_LINK_GET_NEXT_ID',
    'BPF_LINK_DETACH',
  ]),
  /** Before 4.18. */
  'no BTF at all': refuseCommands(['BPF_BTF_LOAD', 'BPF_BTF_GET_FD_BY_ID', 'BPF_BTF_GET_NEXT_ID']),
  /** Before 5.2: a dot is no part of a name. */
  'no dots in names': (command, attributes) =>
    nameIn(command, attributes).includes('.') ? -EINVAL : undefined,
  /** Before 5.2: the value of a map by its address. */
  'no map values': inProgram((code) => {
    for (const { opcode, src } of code)
      if (opcode === LD_IMM64 && src > PSEUDO_MAP_FD) return { log: 'unrecognized bpf_ld_imm64 insn' }
    return undefined
  }),
  /** Before 5.1: jumps on 32 bits are no opcodes. */
  'no JMP32': inProgram((code) => {
    for (const { opcode } of code)
      if ((opcode & 7) === CLASS_JMP32) return { log: `unknown opcode ${opcode.toString(16)}` }
    return undefined
  }),
  /** Before 5.12: of atomic operations, addition alone, which gives nothing back. */
  'no atomic fetch': inProgram((code) => {
    for (const { opcode, imm } of code)
      if ((opcode === ATOMIC_64 || opcode === ATOMIC_32) && imm !== ATOMIC_ADD)
        return { log: 'BPF_XADD uses reserved fields' }
    return undefined
  }),
  /** Before 5.3. A jump that leads back, and to where no loop begins, is none. */
  'no loops': inProgram((code) => {
    const found = findLoop(code)
    return found === undefined ? undefined : { log: `back-edge from insn ${found.from} to ${found.to}` }
  }),
  /** Before 5.2: more are refused before the verifier has seen any. */
  'at most 4096 instructions': (command, attributes) =>
    command === 'BPF_PROG_LOAD' && u32(attributes, bpf_attr_prog_load.fields.insn_cnt.offset) > 4096
      ? -E2BIG
      : undefined,
  /** 4.19: 84 helpers. It has no names for those that it does not know. */
  'helpers of 4.19': helpersBelow(84),
  /** 5.4: 111 helpers: none of bpf_probe_read_kernel and its kin, which came with 5.5. */
  'helpers of 5.4': helpersBelow(111),
  /** 5.4, as a kernel says it of a helper whose name it knows, and programs of this type may not call. */
  'no bpf_probe_read_kernel': inProgram((code) => {
    for (const { opcode, src, imm } of code) {
      if (opcode === CALL && src !== PSEUDO_CALL && imm === 113)
        return { log: 'unknown func bpf_probe_read_kernel#113' }
    }
    return undefined
  }),
  /** lockdown=confidentiality: the kernel's memory may not be copied. */
  'no copies of kernel memory': inProgram((code) => {
    for (const { opcode, src, imm } of code) {
      if (opcode === CALL && src !== PSEUDO_CALL && COPYING_HELPERS.includes(imm))
        return { log: `unknown func #${imm}` }
    }
    return undefined
  }),
  /** Programs up to cgroup_sockopt: typed tracepoints came with 5.5. */
  'program types of 5.4': programTypesUpTo(25),
  /** Programs up to sk_reuseport. */
  'program types of 4.19': programTypesUpTo(21),
  /**
   * What 4.19 knows of the attributes. A byte that is set and lies behind all of union bpf_attr is E2BIG; one that lies
   * within, but behind what the command has, EINVAL.
   */
  'attributes of 4.19': attributesUpTo(72, { BPF_PROG_LOAD: 72, BPF_MAP_CREATE: 60, BPF_BTF_LOAD: 28 }),
  /** What 5.4 knows of them: no attach_btf_id. */
  'attributes of 5.4': attributesUpTo(112, { BPF_PROG_LOAD: 108, BPF_MAP_CREATE: 60, BPF_BTF_LOAD: 28 }),
  /** Before 5.2: a log of 16 MiB and more; on any kernel, one of less than 128 bytes. */
  'logs below 16 MiB': (command, attributes) => {
    const size = u32(attributes, bpf_attr_prog_load.fields.log_size.offset)
    const level = u32(attributes, bpf_attr_prog_load.fields.log_level.offset)
    if (command !== 'BPF_PROG_LOAD' || level === 0) return undefined
    return size < 128 || size > 0xff_ffff || level > 2 ? -EINVAL : undefined
  },
  /** Before 5.0. */
  'no BTF of functions': btfKinds((kind) => kind === BTF_KIND_FUNC || kind === BTF_KIND_FUNC_PROTO),
  /** Before 5.2. */
  'no BTF of variables': btfKinds((kind) => kind === BTF_KIND_VAR || kind === BTF_KIND_DATASEC),
  /** Before 5.6: the place of a function's linkage was to be zero. */
  'no BTF of global functions': btfKinds((kind, parts) => kind === BTF_KIND_FUNC && parts !== 0),
  /** Before 5.13. */
  'no BTF floats': btfKinds((kind) => kind === BTF_KIND_FLOAT),
  /** Before 5.16. */
  'no BTF decl_tags': btfKinds((kind) => kind === BTF_KIND_DECL_TAG),
  /** Before 5.17. */
  'no BTF type_tags': btfKinds((kind) => kind === BTF_KIND_TYPE_TAG),
  /** Before 6.0: neither enum64, nor the flag that an enum has a sign. */
  'no BTF enum64': btfKinds(
    (kind, _parts, flag) => kind === BTF_KIND_ENUM64 || (kind === BTF_KIND_ENUM && flag),
  ),
  /**
   * Before 5.11: maps are counted as locked memory, each for itself here, by what their entries take, in whole pages. The
   * limit is that of the process.
   */
  'memlock is counted': (command, attributes) => {
    if (command !== 'BPF_MAP_CREATE') return undefined
    const { key_size, value_size, max_entries } = bpf_attr_map_create.fields
    const entry = 8 + u32(attributes, key_size.offset) + u32(attributes, value_size.offset)
    const pages = Math.ceil((entry * u32(attributes, max_entries.offset)) / PAGE)
    return BigInt(Math.max(pages, 1) * PAGE) > softMemlock() ? -EPERM : undefined
  },
} as const satisfies Readonly<Record<string, Restriction>>

/** The restrictions one by one. */
export const RESTRICTION_NAMES: readonly RestrictionName[] = Object.keys(RESTRICTIONS) as RestrictionName[]

/** How often each restriction has refused a call: a test that none was asked for proves nothing. */
export type Refusals = ReadonlyMap<RestrictionName, number>

/**
 * Has bpf(2) refuse what these restrictions are for.
 *
 * @param interpose `interposeBpf` of the module whose calls are to be refused: compiled, or the source
 * @returns what was refused so far, and a function that puts things back
 */
export function restrictKernel(
  interpose: typeof interposeBpf,
  names: readonly RestrictionName[],
): { readonly refusals: Refusals; restore(): void } {
  const refusals = new Map<RestrictionName, number>()
  const restore = interpose((real, command, attributes) => {
    for (const name of names) {
      const refused = RESTRICTIONS[name](command, attributes)
      if (refused === undefined) continue
      refusals.set(name, (refusals.get(name) ?? 0) + 1)
      return refused
    }
    return real(command, attributes)
  })
  return { refusals, restore }
}

const PAGE = 4096
const BTF_KIND_ENUM = 6

const u32 = ({ view }: Memory, offset: number): number =>
  offset + 4 <= view.byteLength ? view.getUint32(offset, true) : 0
const u64 = ({ view }: Memory, offset: number): bigint =>
  offset + 8 <= view.byteLength ? view.getBigUint64(offset, true) : 0n

/** What a pointer in the attributes points to. */
function pointedTo(address: bigint, length: number): DataView {
  return address === 0n || length === 0
    ? new DataView(new ArrayBuffer(0))
    : new DataView(koffi.view(address, length))
}

function refuseCommands(commands: readonly BpfCommand[]): Restriction {
  return (command) => (commands.includes(command) ? -EINVAL : undefined)
}

function mapKindsUpTo(last: number): Restriction {
  return (command, attributes) =>
    command === 'BPF_MAP_CREATE' && u32(attributes, bpf_attr_map_create.fields.map_type.offset) > last
      ? -EINVAL
      : undefined
}

function programTypesUpTo(last: number): Restriction {
  return (command, attributes) =>
    command === 'BPF_PROG_LOAD' && u32(attributes, bpf_attr_prog_load.fields.prog_type.offset) > last
      ? -EINVAL
      : undefined
}

/**
 * @param union bytes of union bpf_attr
 * @param known where each command's own attributes end
 */
function attributesUpTo(union: number, known: Partial<Record<BpfCommand, number>>): Restriction {
  return (command, { bytes }) => {
    if (bytes.subarray(union).some((byte) => byte !== 0)) return -E2BIG
    const end = known[command] ?? union
    return bytes.subarray(end, union).some((byte) => byte !== 0) ? -EINVAL : undefined
  }
}

function nameIn(command: BpfCommand, { bytes }: Memory): string {
  const field =
    command === 'BPF_MAP_CREATE'
      ? bpf_attr_map_create.fields.map_name
      : command === 'BPF_PROG_LOAD'
        ? bpf_attr_prog_load.fields.prog_name
        : undefined
  if (field === undefined) return ''
  return new TextDecoder()
    .decode(bytes.subarray(field.offset, field.offset + field.size))
    .replace(/\0.*/s, '')
}

interface Slot {
  readonly opcode: number
  readonly src: number
  readonly offset: number
  readonly imm: number
}

/** A restriction on a program's instructions: refused with EINVAL and, in the log, with what the verifier says. */
function inProgram(refuse: (code: readonly Slot[]) => { readonly log: string } | undefined): Restriction {
  return (command, attributes) => {
    if (command !== 'BPF_PROG_LOAD') return undefined
    const { insns, insn_cnt, log_buf, log_size, log_level } = bpf_attr_prog_load.fields
    const count = u32(attributes, insn_cnt.offset)
    const view = pointedTo(u64(attributes, insns.offset), count * 8)
    const refused = refuse(slotsOf(view))
    if (refused === undefined) return undefined
    if (u32(attributes, log_level.offset) > 0) {
      const size = u32(attributes, log_size.offset)
      writeText(pointedTo(u64(attributes, log_buf.offset), size), `${refused.log}\n`)
    }
    return -EINVAL
  }
}

/** One a slot; the second of a wide instruction is opcode 0, and matches nothing. */
function slotsOf(view: DataView): Slot[] {
  return Array.from({ length: view.byteLength / 8 }, (_, index) => ({
    opcode: view.getUint8(index * 8),
    src: view.getUint8(index * 8 + 1) >> 4,
    offset: view.getInt16(index * 8 + 2, true),
    imm: view.getInt32(index * 8 + 4, true),
  }))
}

function isJump(opcode: number): boolean {
  const kind = opcode & 7
  return (kind === CLASS_JMP || kind === CLASS_JMP32) && opcode !== CALL && opcode !== EXIT
}

/** A jump to an instruction that leads to it: a walk in depth, as check_cfg() of kernel/bpf/verifier.c makes it. */
function findLoop(code: readonly Slot[]): { from: number; to: number } | undefined {
  const onPath = new Set<number>()
  const done = new Set<number>()
  const path: { at: number; next: number[] }[] = []
  const enter = (at: number) => {
    onPath.add(at)
    path.push({ at, next: successors(code, at) })
  }
  enter(0)
  for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
    const to = step.next.pop()
    if (to === undefined) {
      onPath.delete(step.at)
      done.add(step.at)
      path.pop()
    } else if (onPath.has(to)) {
      return { from: step.at, to }
    } else if (!done.has(to)) {
      enter(to)
    }
  }
  return undefined
}

/** The slots that may run after one: within a function, which a call comes back to. */
function successors(code: readonly Slot[], at: number): number[] {
  const { opcode, offset } = code[at] ?? { opcode: EXIT, offset: 0 }
  if (opcode === EXIT) return []
  const next = at + (opcode === LD_IMM64 ? 2 : 1)
  if (!isJump(opcode)) return [next]
  return opcode === GOTO ? [next + offset] : [next, next + offset]
}

function helpersBelow(end: number): Restriction {
  return inProgram((code) => {
    for (const [at, { opcode, src, imm }] of code.entries()) {
      if (opcode === CALL && src !== PSEUDO_CALL && imm >= end)
        return { log: `${at}: (85) call unknown#${imm}\ninvalid func unknown#${imm}` }
    }
    return undefined
  })
}

function writeText(view: DataView, text: string): void {
  const bytes = new TextEncoder().encode(text).subarray(0, Math.max(view.byteLength - 1, 0))
  for (const [index, byte] of [...bytes, 0].entries()) if (index < view.byteLength) view.setUint8(index, byte)
}

/** A restriction on BTF: by a type's kind, the number of its parts, and its flag. */
function btfKinds(refuse: (kind: number, parts: number, flag: boolean) => boolean): Restriction {
  return (command, attributes) => {
    if (command !== 'BPF_BTF_LOAD') return undefined
    const { btf, btf_size } = bpf_attr_btf_load.fields
    const view = pointedTo(u64(attributes, btf.offset), u32(attributes, btf_size.offset))
    if (view.byteLength < 24) return undefined
    // struct btf_header: magic u16, version u8, flags u8, hdr_len u32, type_off u32, type_len u32
    const begin = view.getUint32(4, true) + view.getUint32(8, true)
    const end = begin + view.getUint32(12, true)
    for (let at = begin; at + 12 <= end; ) {
      const info = view.getUint32(at + 4, true)
      const kind = (info >> 24) & 0x1f
      const parts = info & 0xffff
      if (refuse(kind, parts, info >>> 31 === 1)) return -EINVAL
      at += 12 + bytesBehind(kind, parts)
    }
    return undefined
  }
}

/** What follows a type's first twelve bytes: Documentation/bpf/btf.rst. */
function bytesBehind(kind: number, parts: number): number {
  switch (kind) {
    case 1: // int
    case BTF_KIND_VAR:
    case BTF_KIND_DECL_TAG:
      return 4
    case 3: // array
      return 12
    case 4: // struct
    case 5: // union
    case BTF_KIND_DATASEC:
    case BTF_KIND_ENUM64:
      return parts * 12
    case BTF_KIND_ENUM:
    case BTF_KIND_FUNC_PROTO:
      return parts * 8
    default:
      return 0
  }
}

/** RLIMIT_MEMLOCK as /proc has it. */
function softMemlock(): bigint {
  const text = /^Max locked memory +(\w+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? ''
  return text === 'unlimited' ? 0xffff_ffff_ffff_ffffn : BigInt(text)
}
