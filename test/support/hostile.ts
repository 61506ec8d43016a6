import fc from 'fast-check'
import { copyInstructions, encodeInstructions } from '../../packages/bpf/src/asm/codec.js'
import { printInstructions } from '../../packages/bpf/src/asm/print.js'
import { generateBindings } from '../../packages/bpf/src/bindings/generate.js'
import { Btf, describeBtfType } from '../../packages/bpf/src/btf/btf.js'
import { parseBtfExt } from '../../packages/bpf/src/btf/btf-ext.js'
import { lowerBtf } from '../../packages/bpf/src/btf/lower-btf.js'
import { valueCodec } from '../../packages/bpf/src/btf/value-codec.js'
import type { ElfFile } from '../../packages/bpf/src/elf/elf-file.js'
import { parseElf } from '../../packages/bpf/src/elf/parse-elf.js'
import { BpfError } from '../../packages/bpf/src/errors.js'
import { CoreResolver } from '../../packages/bpf/src/spec/core-relocation.js'
import type { ObjectSpec } from '../../packages/bpf/src/spec/object-spec.js'
import { prepareProgram } from '../../packages/bpf/src/spec/prepare-program.js'
import { readObject } from '../../packages/bpf/src/spec/read-object.js'

/** What a function gives; `undefined` if it throws an error of ours. Any other error is a defect, and passes through. */
export function typed<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof BpfError) return undefined
    throw error
  }
}

/** Asks BTF for all that it can be asked for. */
export function walkBtf(btf: Btf): void {
  const support = {
    functions: false,
    variables: true,
    globalFunctions: false,
    float: false,
    declTag: false,
    typeTag: false,
    enum64: false,
  }
  for (let id = 0; id < btf.endId; id++) {
    typed(() => btf.type(id))
    typed(() => btf.resolve(id))
    typed(() => btf.sizeOf(id))
    typed(() => btf.idsNamed(describeBtfType(btf, id)))
    typed(() => {
      const codec = valueCodec(btf, id)
      if (codec.size > 4096) return
      const view = new DataView(new ArrayBuffer(codec.size))
      codec.write(view, 0, codec.read(view, 0))
    })
    typed(() => lowerBtf(btf, [id], support).builder.build())
  }
}

/** Does with bytes all that is done with an object before the kernel sees it. */
export function walkObject(bytes: Uint8Array): void {
  const elf = typed(() => parseElf(bytes))
  if (elf === undefined) return
  walkSections(elf)
  const spec = typed(() => readObject(bytes))
  if (spec !== undefined) walkSpec(spec)
}

/** The parts of an object that are read each for itself: what is wrong with one must not hide the other. */
function walkSections(elf: ElfFile): void {
  const data = (name: string) => elf.sections.find((section) => section.name === name)?.data
  const btf = typed(() => new Btf(data('.BTF') ?? new Uint8Array()))
  if (btf === undefined) return
  walkBtf(btf)
  typed(() => parseBtfExt(data('.BTF.ext') ?? new Uint8Array(), btf))
}

function walkSpec(spec: ObjectSpec): void {
  typed(() => generateBindings(spec, 'hostile.bpf.o'))
  const { btf } = spec
  const resolver = btf === undefined ? undefined : new CoreResolver(btf, [btf])
  for (const part of spec.functions.values()) {
    typed(() => printInstructions(part.code))
    typed(() => encodeInstructions(copyInstructions(part.code)))
    for (const relocation of part.relocations.values()) {
      typed(() => resolver?.answer(relocation))
      typed(() => resolver?.describe(relocation))
    }
  }
  for (const name of spec.programs.keys()) typed(() => prepareProgram(spec, name, resolver))
}

/** Numbers that break what does not expect them. */
const NUMBERS = [0, 1, 2, 7, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff]

type Mutation = (bytes: Uint8Array) => Uint8Array
/** A part of the bytes: from where, and how many. */
type Region = readonly [number, number]

/** Every number below a limit is as likely as the next: fast-check alone prefers the small ones. */
const below = (limit: number) => fc.noBias(fc.nat(Math.max(0, limit - 1)))

const placeIn = (regions: readonly Region[]) =>
  fc.constantFrom(...regions).chain(([start, size]) => below(size).map((offset) => start + offset))

function patched(bytes: Uint8Array, offset: number, patch: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  if (offset < copy.length) copy.set(patch.subarray(0, copy.length - offset), offset)
  return copy
}

function little(value: number, size: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
  return bytes.subarray(0, size)
}

/**
 * What happens to bytes: some bits flipped, numbers written, parts exchanged; now and then the end is cut off.
 *
 * @param regions where: each is as likely as the next, so that a small header is hit as often as a large section
 */
export function mutations(regions: readonly Region[]): fc.Arbitrary<Mutation> {
  const place = placeIn(regions)
  const flip = fc.tuple(place, below(8)).map(
    ([offset, bit]): Mutation =>
      (bytes) =>
        patched(bytes, offset, Uint8Array.of((bytes[offset] ?? 0) ^ (1 << bit))),
  )
  const write = fc.tuple(place, fc.constantFrom(...NUMBERS), fc.constantFrom(1, 2, 4, 8)).map(
    ([offset, value, size]): Mutation =>
      (bytes) =>
        patched(bytes, offset - (offset % size), little(value, size)),
  )
  const swap = fc.tuple(place, place, fc.constantFrom(4, 8, 24, 64)).map(([one, other, size]): Mutation => {
    const [from, to] = [one - (one % 4), other - (other % 4)]
    return (bytes) =>
      patched(patched(bytes, from, bytes.slice(to, to + size)), to, bytes.slice(from, from + size))
  })
  const cut = place.map(
    (offset): Mutation =>
      (bytes) =>
        bytes.slice(0, offset),
  )
  const step = fc.oneof(
    { weight: 8, arbitrary: flip },
    { weight: 16, arbitrary: write },
    { weight: 8, arbitrary: swap },
    { weight: 1, arbitrary: cut },
  )
  return fc
    .array(step, { minLength: 1, maxLength: 3 })
    .map((steps) => (bytes) => steps.reduce((result, mutate) => mutate(result), bytes))
}

/** The parts of an object file: its header, the table of its sections, each section. */
export function elfRegions(bytes: Uint8Array): Region[] {
  const { sections } = parseElf(bytes)
  const table = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(40, true))
  return [
    [0, 64],
    [table, sections.length * 64],
    ...sections
      .filter(({ data }) => data.length > 0)
      .map(({ data }): Region => [data.byteOffset - bytes.byteOffset, data.length]),
  ]
}
