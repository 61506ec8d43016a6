// @ts-check
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOT } from '../../../scripts/root.mjs'
import { attempt } from '../commands.mjs'
import { makeImage } from '../image.mjs'

/** Not needed for the command: 70 MB. */
const LEFT_OUT = /node_modules\/@duckdb\//

/**
 * Makes an image of this machine's Node, the libraries that it is linked with, and the package as it is built: as
 * `/usr/bin/node` and `/app/bin/hivetap.js`.
 *
 * @param {string} name
 * @param {string} to
 */
export async function makeBareImage(name, to) {
  const root = mkdtempSync(join(tmpdir(), 'hivetap-root-'))
  try {
    chmodSync(root, 0o755)
    const node = realpathSync(process.execPath)
    const put = (/** @type {string} */ from, /** @type {string} */ place) => {
      mkdirSync(dirname(join(root, place)), { recursive: true })
      copyFileSync(from, join(root, place))
    }
    put(node, 'usr/bin/node')
    for (const folder of ['tmp', 'proc', 'sys', 'dev', 'etc']) mkdirSync(join(root, folder))
    const app = join(root, 'app')
    for (const part of ['bin', 'dist/bundle', 'package.json'])
      cpSync(join(ROOT, 'packages/hivetap', part), join(app, part), { recursive: true })
    for (const path of dependencies())
      cpSync(join(ROOT, path), join(app, path), { recursive: true, dereference: true })
    const modules = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.node'),
    )
    const linked = [node, ...modules.map((file) => join(app, file))]
    for (const library of await librariesOf(linked)) put(library, library)
    await makeImage({ name, root, to, entrypoint: ['node', '/app/bin/hivetap.js'] })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/**
 * Shared libraries that programs and modules are linked with, as the dynamic linker finds them here; of modules for other
 * machines it says nothing.
 *
 * @param {readonly string[]} files
 */
async function librariesOf(files) {
  const said = await Promise.all(files.map((file) => attempt('ldd', [file])))
  const paths = said.flatMap((text = '') => [...text.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path))
  return new Set(paths)
}

/** Packages that are installed and that the command may load, by their paths in the checkout. */
function dependencies() {
  /** @type {{ packages: Record<string, { dev?: boolean, link?: boolean }> }} */
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
  return Object.entries(packages).flatMap(([path, { dev = false, link = false }]) =>
    path.startsWith('node_modules/') &&
    !dev &&
    !link &&
    !LEFT_OUT.test(`${path}/`) &&
    existsSync(join(ROOT, path))
      ? [path]
      : [],
  )
}
