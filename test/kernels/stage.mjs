// @ts-check
/**
 * Lays out, in a folder of its own, what a guest needs of the project: what was built of it, its two dependencies, and
 * the programs that try it. The TypeScript of the latter is turned into JavaScript on the way, so that it runs on every
 * Node, without a compiler and from a read-only place.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { filesBelow } from '../../scripts/files.mjs'
import { ROOT } from '../../scripts/root.mjs'

const COPIED = [
  'packages/bpf/package.json',
  'packages/bpf/bin',
  'packages/bpf/dist',
  'packages/hivetap/package.json',
  'packages/hivetap/bin',
  'packages/hivetap/dist',
  'node_modules/koffi',
  'node_modules/@koromix',
  'node_modules/commander',
]
/** What only compilers read. */
const UNNEEDED = /\.(map|d\.ts|tsbuildinfo|cc|hh|h|c|S|asm|md|txt)$|\/koffi\/(doc|vendor)$/
const PROGRAMS = ['test/support', 'test/kernels/guest']

/** @param {string} folder is emptied first */
export function stage(folder) {
  rmSync(folder, { recursive: true, force: true })
  for (const path of COPIED)
    cpSync(join(ROOT, path), join(folder, path), {
      recursive: true,
      filter: (source) => !UNNEEDED.test(source),
    })
  // As npm links workspaces.
  mkdirSync(join(folder, 'node_modules/@hivetap'))
  symlinkSync('../../packages/bpf', join(folder, 'node_modules/@hivetap/bpf'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  for (const program of PROGRAMS) {
    for (const file of filesBelow(join(ROOT, program), ['.ts', '.mjs'])) {
      const target = join(folder, relative(ROOT, file)).replace(/\.ts$/, '.js')
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, file.endsWith('.ts') ? transpile(file) : readFileSync(file))
    }
  }
}

/** @param {string} file */
function transpile(file) {
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    fileName: file,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  })
  // Tests import the sources; in a guest there is what was built of them.
  return outputText.replace(/packages\/(bpf|hivetap)\/src\//g, 'packages/$1/dist/')
}
