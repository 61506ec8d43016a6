// @ts-check
/**
 * Joins what the command consists of into one file, dist/bundle/hivetap.js, with its object files beside it: a hundred
 * small modules take Node longer to find and read than the command takes to start. Its dependencies are in it, but for
 * koffi, which is a binary.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { rolldown } from 'rolldown'
import { filesBelow } from './files.mjs'
import { ROOT } from './root.mjs'

const SOURCE = join(ROOT, 'packages/hivetap/src')
const TARGET = join(ROOT, 'packages/hivetap/dist/bundle')
/** Packages in the bundle whose licence asks to be kept with them. */
const INCLUDED = ['commander']

export async function bundle() {
  mkdirSync(TARGET, { recursive: true })
  const input = join(ROOT, 'packages/hivetap/dist/cli/main.js')
  const build = await rolldown({ input, platform: 'node', external: ['koffi'] })
  await build.write({ file: join(TARGET, 'hivetap.js'), format: 'esm', comments: { legal: true } })
  await build.close()
  const objects = filesBelow(SOURCE, ['.bpf.o'])
  for (const object of objects) copyFileSync(object, join(TARGET, basename(object)))
  writeFileSync(join(TARGET, 'THIRD-PARTY-LICENSES'), INCLUDED.map(licence).join('\n'))
  const made = ['hivetap.js', 'THIRD-PARTY-LICENSES', ...objects.map((object) => basename(object))]
  for (const file of readdirSync(TARGET)) if (!made.includes(file)) rmSync(join(TARGET, file))
}

/** @param {string} name */
function licence(name) {
  return `${name}\n\n${readFileSync(join(ROOT, 'node_modules', name, 'LICENSE'), 'utf8')}`
}
