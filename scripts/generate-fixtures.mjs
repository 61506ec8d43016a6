// @ts-check
/**
 * Writes what other programs say of the fixtures in test/fixtures, beside them; the tests hold our own reading against it.
 *
 *   X.btf.jsonl             bpftool's reading of X.bpf.o's types, a type a line
 *   X.objdump.txt           llvm-objdump's reading of its instructions
 *   X.readelf.txt           llvm-readelf's reading of its sections, symbols and relocations
 *   X.on-KERNEL.libbpf.jsonl  what libbpf makes of its relocations on a kernel with the types of KERNEL.bpf.o
 *
 * Debian: bpftool, llvm-19, gcc, libbpf-dev; libbpf asks the kernel whether it may load programs, so that it takes root.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './root.mjs'

const OBJDUMP = process.env['LLVM_OBJDUMP'] ?? 'llvm-objdump-19'
const READELF = process.env['LLVM_READELF'] ?? 'llvm-readelf-19'
const FOLDER = `${ROOT}/test/fixtures`

const TYPES = [
  'types',
  'data',
  'maps',
  'calls',
  'records',
  'core',
  'core-kernel-moved',
  'core-bits-kernel-packed',
]
const INSTRUCTIONS = ['instructions-v2', 'instructions-v4', 'calls', 'data', 'maps']
const SECTIONS = ['calls', 'data']
const KERNELS = {
  core: ['core-kernel-same', 'core-kernel-moved', 'core-kernel-resized', 'core-kernel-empty'],
  'core-bits': ['core-bits-kernel-packed', 'core-bits-kernel-narrow'],
  'core-ambiguous': ['core-ambiguous-kernel-agreeing', 'core-ambiguous-kernel-disagreeing'],
}

for (const name of TYPES) {
  const [text] = read('bpftool', ['--json', 'btf', 'dump', 'file', `${name}.bpf.o`]).split('\n')
  // Cut as text, since numbers of 64 bits do not survive JSON.parse.
  const types = /^\{"types":\[(.*)\]\}$/.exec(text ?? '')?.[1]
  if (types === undefined) throw new Error(`bpftool says of ${name}: ${text}`)
  write(`${name}.btf.jsonl`, `${types.replaceAll('},{"id":', '}\n{"id":')}\n`)
}

for (const name of INSTRUCTIONS) {
  const options = ['--disassemble', '--reloc', '--no-show-raw-insn', '--mcpu=v4']
  write(`${name}.objdump.txt`, read(OBJDUMP, [...options, `${name}.bpf.o`]))
}

for (const name of SECTIONS)
  write(
    `${name}.readelf.txt`,
    read(READELF, ['--wide', '--sections', '--symbols', '--relocs', `${name}.bpf.o`]),
  )

const folder = mkdtempSync(join(tmpdir(), 'hivetap-peers-'))
try {
  const program = join(folder, 'core-relocations')
  execFileSync(
    'gcc',
    ['-O1', '-Wall', '-Wextra', '-Werror', `${ROOT}/test/peers/core-relocations.c`, '-o', program, '-lbpf'],
    { stdio: 'inherit' },
  )
  for (const [name, kernels] of Object.entries(KERNELS)) {
    for (const kernel of kernels) {
      const text = read(program, [`${name}.bpf.o`, `${kernel}.bpf.o`])
      if (text.includes('probe_loading')) throw new Error(`libbpf may not load programs here: ${text}`)
      write(`${name}.on-${kernel}.libbpf.jsonl`, text)
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function read(command, args) {
  return execFileSync(command, args, { cwd: FOLDER, encoding: 'utf8', maxBuffer: 1 << 26 })
}

/**
 * @param {string} name
 * @param {string} text
 */
function write(name, text) {
  writeFileSync(`${FOLDER}/${name}`, text)
  process.stdout.write(`test/fixtures/${name}\n`)
}
