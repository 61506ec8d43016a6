import { readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { printInstructions } from '../asm/print.js'
import { generateBindings } from '../bindings/generate.js'
import { BpfError } from '../errors.js'
import { describeAttachTarget } from '../spec/attach-target.js'
import { constantsOf } from '../spec/constants.js'
import type { ObjectSpec } from '../spec/object-spec.js'
import { readObject } from '../spec/read-object.js'
import { printableLine } from './printable.js'

const USAGE = `hivetap-bpf: BPF object files and TypeScript

  hivetap-bpf gen FILE.bpf.o [-o FILE.bpf.ts]   writes TypeScript for an object: types and decoders of its records,
                                               maps, programs and constants; beside it, unless told
  hivetap-bpf dump FILE.bpf.o [--code]          says what an object holds; with its instructions, if asked

  -o, --output FILE   where to write; - for standard output
      --code          print every function's instructions
  -h, --help          this text
`

/** A mistake in how the command was called: exit status 2. */
class UsageError extends Error {}

/** Runs the command; the exit status. */
export function main(args: readonly string[]): number {
  try {
    return run(args)
  } catch (error) {
    const usage =
      error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(`hivetap-bpf: ${printableLine(message)}\n`)
    if (error instanceof BpfError && error.hint !== undefined)
      process.stderr.write(`  ${printableLine(error.hint)}\n`)
    if (usage) process.stderr.write('  hivetap-bpf --help says how it is called.\n')
    return usage ? 2 : 1
  }
}

function run(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o' },
      code: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [command, file, ...others] = positionals
  if (values.help === true || command === undefined) {
    process.stdout.write(USAGE)
    return values.help === true ? 0 : 2
  }
  if (command !== 'gen' && command !== 'dump') throw new UsageError(`There is no command ${command}`)
  if (file === undefined || others.length > 0) throw new UsageError(`${command} takes one object file`)
  const spec = readObject(readFileSync(file))
  if (command === 'dump') process.stdout.write(describe(spec, values.code === true))
  else
    write(
      values.output ?? join(dirname(file), basename(file).replace(/\.o$/, '.ts')),
      generateBindings(spec, basename(file)),
    )
  return 0
}

function write(path: string, text: string): void {
  if (path === '-') process.stdout.write(text)
  else writeFileSync(path, text)
}

function describe(spec: ObjectSpec, code: boolean): string {
  const lines = [`license ${spec.license || '(none)'}`]
  for (const map of spec.maps.values()) {
    lines.push(
      `map ${map.name}: ${map.kind}, key ${map.keySize}, value ${map.valueSize} bytes, ${map.maxEntries} entries`,
    )
  }
  for (const constant of constantsOf(spec).values())
    lines.push(`constant ${constant.name}: ${constant.size} bytes`)
  for (const program of spec.programs.values())
    lines.push(`program ${program.name}: ${describeAttachTarget(program.attach)}`)
  for (const part of spec.functions.values()) {
    lines.push(
      `function ${part.name}: ${part.code.length} instructions, ${part.relocations.size} relocations`,
    )
    if (code) lines.push(...printInstructions(part.code).split('\n'))
  }
  return `${lines.map(printableLine).join('\n')}\n`
}
