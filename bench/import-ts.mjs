// @ts-check
import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { ROOT } from '../scripts/root.mjs'

/**
 * Imports a module that is written in TypeScript, such as a server of the tests: it is translated first, with what it imports.
 *
 * @param {string} path below the project
 * @returns {Promise<unknown>}
 */
export async function importTypeScript(path) {
  const source = join(ROOT, path)
  // Below node_modules, so that packages are found from there.
  const directory = join(ROOT, 'node_modules/.cache/hivetap-bench')
  mkdirSync(directory, { recursive: true })
  const file = join(directory, `${basename(path, '.ts')}.js`)
  const build = await rolldown({
    input: source,
    platform: 'node',
    external: [/^[^./]/],
    // What lies beside it is found from where it stood.
    transform: { define: { 'import.meta.url': JSON.stringify(pathToFileURL(source).href) } },
  })
  await build.write({ file, format: 'esm' })
  await build.close()
  return import(pathToFileURL(file).href)
}
