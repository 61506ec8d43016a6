// @ts-check
/**
 * Compiles every .bpf.c of the checkout to the .bpf.o beside it, and writes the TypeScript of those that have one.
 *
 *   node scripts/objects.mjs [FILE.bpf.c …]
 *
 * The compiler is clang 19, whose output is the same on every machine: paths are kept out of it. Debian: clang-19 and
 * llvm-19.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, relative, resolve } from 'node:path'
import { filesBelow } from './files.mjs'
import { ROOT } from './root.mjs'

const CLANG = process.env['CLANG'] ?? 'clang-19'
const STRIP = process.env['LLVM_STRIP'] ?? 'llvm-strip-19'
/** Oldest instruction set with jumps on unsigned less-than (Linux 4.14), and none that 4.19 does not have. */
const FLAGS = [
  '-target',
  'bpfel',
  '-mcpu=v2',
  '-O2',
  '-g',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wno-unused-function',
]

const given = process.argv.slice(2).map((path) => resolve(path))
const sources =
  given.length > 0
    ? given
    : ['packages', 'bench', 'test']
        .filter((folder) => existsSync(`${ROOT}/${folder}`))
        .flatMap((folder) => filesBelow(`${ROOT}/${folder}`, ['.bpf.c']))
for (const source of sources) {
  const folder = dirname(source)
  const object = basename(source).replace(/\.c$/, '.o')
  const include = relative(folder, `${ROOT}/packages/bpf/include`)
  execFileSync(
    CLANG,
    [
      ...FLAGS,
      ...ownFlags(source),
      '-I',
      include,
      '-fdebug-compilation-dir=.',
      '-c',
      basename(source),
      '-o',
      object,
    ],
    { cwd: folder, stdio: 'inherit' },
  )
  // The debugging information of C debuggers; BTF stays.
  execFileSync(STRIP, ['-g', object], { cwd: folder, stdio: 'inherit' })
  await writeBindings(`${folder}/${object}`)
  process.stdout.write(`${relative(ROOT, folder)}/${object}\n`)
}

/**
 * What a source asks for itself, behind what all are compiled with: `// clang: -mcpu=v4`.
 *
 * @param {string} source
 */
function ownFlags(source) {
  const line = /^\/\/ clang: (?<flags>.+)$/m.exec(readFileSync(source, 'utf8'))
  return line?.groups?.['flags']?.split(' ') ?? []
}

/** @param {string} object */
async function writeBindings(object) {
  const target = object.replace(/\.o$/, '.ts')
  // What is loaded from TypeScript has one: every probe, and of the others those that were given one by `hivetap-bpf gen`.
  if (!object.includes('/src/probes/') && !existsSync(target)) return
  const { readObject } = await import('../packages/bpf/dist/spec/read-object.js')
  const { generateBindings } = await import('../packages/bpf/dist/bindings/generate.js')
  writeFileSync(target, generateBindings(readObject(readFileSync(object)), basename(object)))
}
