// @ts-check
/**
 * Joins what the command consists of into dist/bundle: hivetap.js with what every start needs, a file more for each part that
 * is loaded when it is asked for, and the object files beside them. A hundred small modules take Node longer to find and
 * read than the command takes to start. Its dependencies are in it, but for those that look for a file beside themselves, and those
 * that are asked for by name as it runs.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, join } from 'node:path'
import { rolldown } from 'rolldown'
import { filesBelow } from './files.mjs'
import { inOneByte } from './in-one-byte.mjs'
import { ROOT } from './root.mjs'

const SOURCE = join(ROOT, 'packages/hivetap/src')
const TARGET = join(ROOT, 'packages/hivetap/dist/bundle')
/** Packages that look for a binary of theirs beside themselves: they stay as they are. */
const EXTERNAL = [/^koffi(\/|$)/, /^@duckdb\/node-/, /^@node-rs\/crc32(\/|$)/]
/** Modules of the Kafka client, and of a package of its, only export: what is not used of them is left out. */
const CLIENT_MODULE = /\/node_modules\/(?:@platformatic\/kafka|mnemonist)\//
/** Its WebAssembly, as a module and not as a file. */
const ALIAS = { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' }
const LICENCES = 'THIRD-PARTY-LICENSES'

/**
 * @returns what is in it of other packages: the folders of those that are joined, the names of those that are loaded from
 * beside it
 */
export async function bundle() {
  mkdirSync(TARGET, { recursive: true })
  const input = { hivetap: join(ROOT, 'packages/hivetap/dist/entry.js') }
  const build = await rolldown({
    input,
    platform: 'node',
    external: EXTERNAL,
    resolve: { alias: ALIAS },
    treeshake: { moduleSideEffects: (id) => !CLIENT_MODULE.test(id) },
    plugins: [{ name: 'one-byte', generateBundle: (_, files) => writeInOneByte(files) }],
  })
  const start = modulesAtStart((await build.generate({ format: 'esm' })).output)
  const { output } = await build.write({
    dir: TARGET,
    // Each file costs Node a millisecond: what every start loads is one, though parts that are loaded later use of it too.
    codeSplitting: { groups: [{ name: 'start', test: (id) => start.has(id) }] },
    format: 'esm',
    // What Node keeps of its source as long as it runs is the less: comments are for readers of the modules.
    comments: { legal: true, annotation: false, jsdoc: false },
    entryFileNames: '[name].js',
    // Flat: what looks for a file beside itself (an object file, package.json) finds it from any of them.
    chunkFileNames: '[name]-[hash].js',
  })
  await build.close()
  const objects = filesBelow(SOURCE, ['.bpf.o'])
  for (const object of objects) copyFileSync(object, join(TARGET, basename(object)))
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  const joined = packagesOf(modules)
  writeFileSync(join(TARGET, LICENCES), joined.map(licence).join('\n'))
  // What `kubectl hivetap install` applies.
  const manifest = join(ROOT, 'deploy/hivetap.yaml')
  copyFileSync(manifest, join(TARGET, basename(manifest)))
  const written = output.map(({ fileName }) => fileName)
  const made = [...written, LICENCES, ...[...objects, manifest].map((file) => basename(file))]
  for (const file of readdirSync(TARGET))
    if (!made.includes(file)) rmSync(join(TARGET, file), { recursive: true })
  const loaded = output.flatMap((file) =>
    file.type === 'chunk' ? [...file.imports, ...file.dynamicImports, ...askedFor(file.code)] : [],
  )
  return { joined, beside: [...new Set(loaded.filter((name) => !isOurs(name, written)))].sort() }
}

/** @param {import('rolldown').OutputBundle} files */
function writeInOneByte(files) {
  for (const file of Object.values(files)) if (file.type === 'chunk') file.code = inOneByte(file.code)
}

/**
 * The packages that code asks for by name as it runs, which no import tells.
 *
 * @param {string} code
 */
function askedFor(code) {
  const asked = code.matchAll(/\bcreateRequire\(import\.meta\.url\)\(\s*["'`]((?:@[^/"'`]+\/)?[^/"'`]+)/g)
  return [...asked].map(([, name = '']) => name)
}

/**
 * Whether what a file imports comes with the bundle or with Node.
 *
 * @param {string} name
 * @param {readonly string[]} written
 */
function isOurs(name, written) {
  return written.includes(name) || isBuiltin(name)
}

/**
 * The modules that are loaded when the command starts: those of the entry's file, and of all that it imports at once.
 *
 * @param {import('rolldown').RolldownOutput['output']} output
 */
function modulesAtStart(output) {
  const chunks = new Map(output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file]] : [])))
  const names = new Set(
    output.flatMap((file) => (file.type === 'chunk' && file.isEntry ? [file.fileName] : [])),
  )
  for (const name of names)
    for (const next of chunks.get(name)?.imports ?? []) if (chunks.has(next)) names.add(next)
  return new Set([...names].flatMap((name) => chunks.get(name)?.moduleIds ?? []))
}

/**
 * The folders of the packages that modules are of, each once.
 *
 * @param {readonly string[]} modules
 */
function packagesOf(modules) {
  const folders = modules.flatMap((module) => {
    const [, folder] = /^(?:\0[^/]*)?(\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module) ?? []
    return folder === undefined ? [] : [folder]
  })
  return [...new Set(folders)].sort()
}

/**
 * A package's name and licence; that of a package without the text of one, as its package.json names it.
 *
 * @param {string} folder
 */
function licence(folder) {
  /** @type {{ name: string, version: string, license?: string, author?: string | { name: string } }} */
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)([.-]|$)/i.test(file))
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trimEnd())
  const author = typeof about.author === 'object' ? about.author.name : about.author
  const named = `Licence: ${about.license ?? 'not told'}${author === undefined ? '' : `. Copyright: ${author}`}`
  return `${about.name} ${about.version}\n\n${(texts.length === 0 ? [named] : texts).join('\n\n')}\n`
}
