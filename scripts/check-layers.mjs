// @ts-check
/**
 * Holds the layers: an import goes only to the same layer or downwards. Which folder is on which layer stands here; what
 * each is for, in docs/architecture.md.
 */
import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { filesBelow } from './files.mjs'
import { ROOT } from './root.mjs'

/**
 * Folders by layer, highest first: a folder may import from its own and from those in the lists below it. `errors` is a
 * file that all may use.
 *
 * @type {Readonly<Record<string, readonly (readonly string[])[]>>}
 */
const LAYERS = {
  bpf: [
    ['cli', 'index'],
    ['bindings'],
    ['object'],
    ['map', 'program'],
    ['link', 'buffer'],
    ['features'],
    ['sys'],
    ['spec'],
    ['asm', 'btf'],
    ['elf'],
    ['errors'],
  ],
  hivetap: [
    ['entry'],
    ['kubectl'],
    ['cli'],
    ['simulation'],
    ['agent'],
    ['doctor'],
    ['audit', 'store', 'topic'],
    ['sinks'],
    ['delivery'],
    ['spool'],
    ['detect'],
    ['kubernetes'],
    ['identity'],
    ['stream', 'pinned'],
    ['probes'],
    ['settings', 'io'],
  ],
}
/** Folders, also within others, that know no kernel: they import nothing of the system. */
const PURE = {
  bpf: ['elf', 'btf', 'asm', 'spec', 'errors'],
  hivetap: ['stream', 'audit', 'detect', 'settings', 'kubernetes/model'],
}
/** Packages that every start of the command may load. */
const AT_START = /^(node:.*|commander|@hivetap\/bpf)$/
const IMPURE_MODULES = /^(node:(fs|net|child_process|os|worker_threads|dgram|http|https)|koffi)(\/|$)/

/** @type {string[]} */
const problems = []
for (const [name, layers] of Object.entries(LAYERS)) {
  const source = `${ROOT}/packages/${name}/src`
  for (const file of filesBelow(source, ['.ts'])) {
    if (file.endsWith('.test.ts')) continue
    const from = folderOf(source, file)
    for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s+'([^']+)'/g)) {
      if (target.startsWith('.'))
        checkLayer(name, layers, from, folderOf(source, resolve(dirname(file), target)), file)
      else checkPure(name, relative(source, file), target, file)
    }
  }
}

checkStart()
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exit(1)
process.stdout.write('layers: every import goes downwards\n')

/**
 * @param {string} source
 * @param {string} file
 */
function folderOf(source, file) {
  const [first = ''] = relative(source, file).split('/')
  return first.replace(/\.(ts|js)$/, '')
}

/**
 * @param {string} name
 * @param {readonly (readonly string[])[]} layers
 * @param {string} from
 * @param {string} to
 * @param {string} file
 */
function checkLayer(name, layers, from, to, file) {
  const level = (/** @type {string} */ folder) => layers.findIndex((layer) => layer.includes(folder))
  if (level(from) < 0)
    problems.push(
      `${relative(ROOT, file)}: folder ${from} of packages/${name} is on no layer (scripts/check-layers.mjs)`,
    )
  else if (level(to) < 0) problems.push(`${relative(ROOT, file)}: imports from ${to}, which is on no layer`)
  else if (from !== to && level(to) <= level(from))
    problems.push(`${relative(ROOT, file)}: ${from} imports from ${to}, which is not below it`)
}

/**
 * @param {string} name
 * @param {string} path below the package's sources
 * @param {string} target
 * @param {string} file
 */
function checkPure(name, path, target, file) {
  const folders = PURE[/** @type {keyof typeof PURE} */ (name)]
  const pure = folders.find((folder) => path === `${folder}.ts` || path.startsWith(`${folder}/`))
  if (pure !== undefined && IMPURE_MODULES.test(target))
    problems.push(`${relative(ROOT, file)}: ${pure} is pure, and imports ${target}`)
}

/**
 * Holds what every start of the command loads: from the entry on, by imports that are not of types alone, no package but these.
 * What only some commands need is imported when they run.
 */
function checkStart() {
  const source = `${ROOT}/packages/hivetap/src`
  /** @type {Set<string>} */
  const seen = new Set()
  const todo = [`${source}/cli/main.ts`]
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    const text = readFileSync(file, 'utf8')
    for (const [, target = ''] of text.matchAll(/^(?:import|export) (?!type )[^'";]*?from '([^']+)'/gm)) {
      if (target.startsWith('.')) todo.push(resolve(dirname(file), target).replace(/\.js$/, '.ts'))
      else if (!AT_START.test(target))
        problems.push(`${relative(ROOT, file)}: every start of the command would load ${target}`)
    }
  }
}
