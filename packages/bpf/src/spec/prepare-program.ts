import { copyInstructions, slotIndex } from '../asm/codec.js'
import { foldConstants } from '../asm/fold-constants.js'
import { type Instruction, isCall, isWide } from '../asm/instruction.js'
import { CALL, PSEUDO } from '../asm/opcode.js'
import { printInstruction } from '../asm/print.js'
import type { LineInfo } from '../btf/btf-ext.js'
import type { BtfTypeId } from '../btf/btf-type.js'
import { InvalidSpecError, NotFoundError, UnresolvedRelocationError } from '../errors.js'
import { applyRelocation } from './apply-relocation.js'
import { constantReader } from './constants.js'
import type { CoreResolver } from './core-relocation.js'
import type { FunctionSpec, ObjectSpec } from './object-spec.js'

/** A program in one piece, relocated for one kernel: what is left to do is to put in the maps' descriptors. */
export interface PreparedProgram {
  readonly name: string
  /** The entry function first, then those that it calls, each once. Calls among them are resolved. */
  readonly code: Instruction[]
  /** Maps that the code refers to. */
  readonly maps: ReadonlySet<string>
  /** Data sections that it still refers to, after constants were folded. */
  readonly data: ReadonlySet<string>
  /** Helpers that it calls, by number. */
  readonly helpers: ReadonlySet<number>
  /** Where each function begins, in slots: what the kernel wants as func_info. */
  readonly functions: readonly {
    readonly slot: number
    readonly name: string
    readonly type: BtfTypeId | undefined
  }[]
  /** Which source line a slot comes from, in ascending order. */
  readonly lines: readonly { readonly slot: number; readonly line: LineInfo }[]
}

/**
 * Makes a program ready for a kernel: answers its CO-RE relocations, folds its constants, cuts away what can then not
 * run, and joins it with the functions that it calls.
 *
 * @param resolver the kernel's types; `undefined` where an object has no BTF and thus no relocations
 * @throws {UnresolvedRelocationError} if code that can run needs a type or field that the kernel does not have
 */
export function prepareProgram(
  spec: ObjectSpec,
  name: string,
  resolver: CoreResolver | undefined,
): PreparedProgram {
  const parts = new Map<string, { readonly spec: FunctionSpec; readonly code: Instruction[] }>()
  const queue = [name]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (parts.has(next)) continue
    const part = spec.functions.get(next)
    if (part === undefined)
      throw new NotFoundError(`Cannot prepare program ${name}: there is no function ${next}`)
    const code = prepareFunction(spec, part, resolver)
    parts.set(next, { spec: part, code })
    for (const insn of code) if (insn.reference?.kind === 'function') queue.push(insn.reference.name)
  }
  return join(name, [...parts.values()])
}

function prepareFunction(
  spec: ObjectSpec,
  part: FunctionSpec,
  resolver: CoreResolver | undefined,
): Instruction[] {
  const folded = foldConstants(copyInstructions(part.code), constantReader(spec), (insn) => {
    const relocation = part.relocations.get(insn.origin)
    if (relocation !== undefined && resolver !== undefined) applyRelocation(insn, resolver.answer(relocation))
  })
  if (folded.length === 0)
    throw new InvalidSpecError(`Cannot prepare function ${part.name}: no instruction of it has an effect`)
  const poisoned = folded.find((insn) => insn.poison !== undefined)
  if (poisoned !== undefined) {
    const where = sourceOf(part, poisoned)
    throw new UnresolvedRelocationError(
      `Cannot relocate ${part.name}: ${poisoned.poison}${where === undefined ? '' : ` (${where})`}`,
      {
        hint: `It is needed by \`${printInstruction({ ...poisoned, poison: undefined })}\`; another program of the object may do without.`,
      },
    )
  }
  return folded
}

/** The line that an instruction belongs to: its own, or the last before it. */
function lineOf(part: FunctionSpec, insn: Instruction): LineInfo | undefined {
  return [...part.lines.values()].filter(({ offset }) => offset <= insn.origin).at(-1)
}

function sourceOf(part: FunctionSpec, insn: Instruction): string | undefined {
  const line = lineOf(part, insn)
  return line === undefined ? undefined : `${line.file}:${line.line}`
}

function join(
  name: string,
  parts: readonly { readonly spec: FunctionSpec; readonly code: Instruction[] }[],
): PreparedProgram {
  const code = parts.flatMap((part) => part.code)
  const { at } = slotIndex(code)
  const entries = new Map<string, number>()
  for (const part of parts) entries.set(part.spec.name, at.get(part.code[0] as Instruction) ?? 0)

  const maps = new Set<string>()
  const data = new Set<string>()
  const helpers = new Set<number>()
  for (const insn of code) {
    const { reference } = insn
    if (isCall(insn) && insn.src === CALL.helper) helpers.add(insn.imm)
    if (isCall(insn) && insn.src === CALL.kfunc)
      throw new InvalidSpecError(`Cannot prepare program ${name}: kfuncs are not supported`)
    if (reference?.kind === 'map') maps.add(reference.name)
    else if (reference?.kind === 'data') data.add(reference.section)
    else if (reference?.kind === 'function')
      callFunction(insn, at.get(insn) ?? 0, entries.get(reference.name) ?? 0)
  }
  return {
    name,
    code,
    maps,
    data,
    helpers,
    functions: parts.map((part) => ({
      slot: entries.get(part.spec.name) ?? 0,
      name: part.spec.name,
      type: part.spec.type,
    })),
    lines: parts.flatMap((part) =>
      part.code.flatMap((insn, index) => {
        // The kernel wants a line for the first instruction of every function, also where folding has cut off its head.
        const line = index === 0 ? lineOf(part.spec, insn) : part.spec.lines.get(insn.origin)
        return line === undefined ? [] : [{ slot: at.get(insn) ?? 0, line }]
      }),
    ),
  }
}

/** A call's immediate, and a callback's, is the distance to the function, in slots from the instruction behind it. */
function callFunction(insn: Instruction, slot: number, entry: number): void {
  insn.imm = entry - slot - 1
  insn.src = isWide(insn) ? PSEUDO.function : CALL.local
}
