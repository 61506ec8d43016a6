import fc from 'fast-check'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { addInt, addStruct, member } from '../../../../test/support/types.js'
import { Btf } from '../btf/btf.js'
import { BtfBuilder } from '../btf/btf-builder.js'
import { InvalidSpecError } from '../errors.js'
import type { MapSpec, ObjectSpec, ProgramSpec, VariableSpec } from '../spec/object-spec.js'
import { generateBindings } from './generate.js'

/** What a person would try who wants to run code on the machine of whoever builds. NULs end names in BTF. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom("'", '"', '`', '\\', '*/', '/*', '//', '\n', '\r', '\u2028', '${', '}', '})', ';', ')'),
      fc.constantFrom(
        '\u202e',
        '\ufeff',
        '__proto__',
        'constructor',
        'class',
        'view',
        'value',
        'process.exit()',
        '_',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }).map((text) => text.replaceAll('\0', '')),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.join(''))
/** As often a name that is harmless. */
const name = fc.oneof(fc.stringMatching(/^[a-z_]{1,6}$/), hostile)

/** An object in which everything that has a name has one of these. */
function objectOf(names: readonly string[]): ObjectSpec {
  const btf = new BtfBuilder()
  let next = 0
  const take = () => names[next++ % names.length] ?? ''
  const u32 = addInt(btf, take(), 4)
  const char = addInt(btf, 'char', 1)
  const text = btf.add({ kind: 'array', element: char, index: u32, length: 4 })
  const mode = btf.add({
    kind: 'enum',
    name: take(),
    size: 4,
    signed: false,
    enumerators: [
      { name: take(), value: 0n },
      { name: take(), value: 1n },
    ],
  })
  const inner = addStruct(btf, take(), 4, [member(take(), u32)])
  const rows = btf.add({ kind: 'array', element: inner, index: u32, length: 2 })
  const members = [u32, text, mode, inner, rows].map((type, index) => member(take(), type, index * 4))
  const struct = addStruct(btf, take(), 24, members)
  for (const component of [0, 1, 2])
    btf.add({ kind: 'decl_tag', name: `doc:${take()}`, type: struct, component })
  // What has parts is as hostile, with a size that there is: otherwise it is refused.
  const tail = addStruct(btf, take(), 8, [member('size_', u32), member(take(), text, 4)])
  btf.add({ kind: 'decl_tag', name: 'parts:part_:size_:texts?', type: tail, component: 1 })
  btf.add({ kind: 'decl_tag', name: `part:part_:${take()}`, type: tail, component: 1 })
  const map = (kind: MapSpec['kind'], value = struct): MapSpec => ({
    name: take(),
    kind,
    keySize: 4,
    valueSize: 24,
    maxEntries: 1,
    flags: 0,
    key: u32,
    value,
  })
  const constant = (type: number): VariableSpec => ({
    name: take(),
    section: '.rodata',
    offset: 0,
    size: 4,
    type,
  })
  const program = (): ProgramSpec => ({ name: take(), attach: { kind: 'socket_filter' } })
  const byName = <T extends { readonly name: string }>(things: T[]) =>
    new Map(things.map((thing) => [thing.name, thing]))
  return {
    license: take(),
    btf: new Btf(btf.bytes()),
    maps: byName([map('ringbuf'), map('hash'), map('percpu_array'), map('perf_event_array', tail)]),
    data: new Map([
      [
        '.rodata',
        {
          name: '.rodata',
          readOnly: true,
          bytes: new Uint8Array(4),
          variables: byName([constant(u32), constant(mode), constant(text)]),
        },
      ],
    ]),
    functions: new Map(),
    programs: byName([program(), program()]),
  }
}

/** Functions that generated code may call, by name. */
const CALLS =
  /^(bind(Constants|Map|Object|PerCpuMap|Records)|bytesCodec|read(Array|Bytes|Enum|Text|Uint53|Int53|IpAddress|Texts)|write(Array|Bytes|Enum|Text)|BigInt)$/

/** What a text of TypeScript declares and calls; throws if it is none. */
function parsed(text: string) {
  const file = ts.createSourceFile('x.ts', text, ts.ScriptTarget.ES2022, true)
  const values: string[] = []
  const types: string[] = []
  const calls: string[] = []
  const kinds: string[] = []
  for (const statement of file.statements) {
    kinds.push(ts.SyntaxKind[statement.kind])
    if (ts.isVariableStatement(statement))
      values.push(...statement.declarationList.declarations.map((declaration) => declaration.name.getText()))
    else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
      types.push(statement.name.text)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) calls.push(node.expression.getText())
    if (ts.isNewExpression(node)) calls.push(`new ${node.expression.getText()}`)
    if (ts.isTemplateExpression(node) || ts.isTaggedTemplateExpression(node)) calls.push('a template')
    ts.forEachChild(node, visit)
  }
  visit(file)
  return { problems: Reflect.get(file, 'parseDiagnostics') as unknown[], kinds, values, types, calls }
}

describe('whatever an object calls its things', { timeout: 60_000 }, () => {
  it('the TypeScript made of it declares and calls what it should, and nothing else; or the object is refused', () => {
    let made = 0
    fc.assert(
      fc.property(fc.array(name, { minLength: 28, maxLength: 28 }), name, (names, file) => {
        let text: string
        try {
          text = generateBindings(objectOf(names), `${file}.bpf.o`)
        } catch (error) {
          // Two things of one name.
          expect(error).toBeInstanceOf(InvalidSpecError)
          return
        }
        made++
        const { problems, kinds, values, types, calls } = parsed(text)
        expect(problems).toEqual([])
        expect(kinds.filter((kind) => kind === 'ImportDeclaration')).toHaveLength(1)
        const others = new Set(kinds.filter((kind) => kind !== 'ImportDeclaration'))
        for (const kind of others)
          expect([
            'FirstStatement',
            'VariableStatement',
            'InterfaceDeclaration',
            'TypeAliasDeclaration',
          ]).toContain(kind)
        expect(new Set(values).size).toBe(values.length)
        expect(new Set(types).size).toBe(types.length)
        // Codecs call each other; a DataView is read and written.
        const codecs = new Set(values)
        const odd = calls.filter((call) => {
          const [object = '', method, ...rest] = call.split('.')
          if (method === undefined) return !CALLS.test(call) && call !== 'new URL'
          if (rest.length > 0) return true
          if (object === 'view') return !/^[gs]et(Big)?(Ui|I)nt\d+$/.test(method)
          return !codecs.has(object) || !['read', 'write'].includes(method)
        })
        expect(odd).toEqual([])
      }),
      { numRuns: 100 },
    )
    expect(made).toBeGreaterThan(20)
  })

  it('names are told as they are', () => {
    const names = Array.from({ length: 28 }, (_, index) => `it's "${index}" \\ */ \n`)
    const text = generateBindings(objectOf(names), 'x.bpf.o')
    const file = ts.createSourceFile('x.ts', text, ts.ScriptTarget.ES2022, true)
    const strings = new Set<string>()
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteral(node)) strings.add(node.text)
      ts.forEachChild(node, visit)
    }
    visit(file)
    // Fields, what is said of them, maps, constants and programs; types’ own names and the licence are not told.
    for (const index of [5, 6, 7, 8, 9, 10, 12, 13, 14, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27])
      expect([...strings]).toContain(names[index])
  })
})
