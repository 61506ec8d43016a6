// @ts-check
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './commands.mjs'
import { makeImage } from './image.mjs'
import { say } from './say.mjs'

/** Images that every node has from its start: none is ever pulled. */
export const IMAGES = {
  pause: 'lab.local/pause:1',
  busybox: 'lab.local/busybox:1',
  coredns: 'lab.local/coredns:1',
}

/** @param {import('./instance.mjs').Cluster} cluster */
export async function makeBaseImages({ bin, images }) {
  await make(images, 'pause', (root) => {
    copyFileSync(join(bin, 'pause'), join(root, 'pause'))
    return { entrypoint: ['/pause'] }
  })
  await make(images, 'coredns', (root) => {
    copyFileSync(join(bin, 'coredns'), join(root, 'coredns'))
    return { entrypoint: ['/coredns'] }
  })
  await make(images, 'busybox', async (root) => {
    for (const folder of ['bin', 'tmp', 'etc', 'proc', 'sys', 'dev']) mkdirSync(join(root, folder))
    const busybox = (await run('sh', ['-c', 'command -v busybox'])).trim()
    copyFileSync(busybox, join(root, 'bin/busybox'))
    const applets = (await run(busybox, ['--list'])).trim().split('\n')
    for (const name of applets) if (name !== 'busybox') symlinkSync('busybox', join(root, 'bin', name))
    return { command: ['sh'] }
  })
}

/**
 * @typedef {{ command?: string[], entrypoint?: string[] }} Start
 * @param {string} images
 * @param {keyof typeof IMAGES} name
 * @param {(root: string) => Start | Promise<Start>} fill
 */
async function make(images, name, fill) {
  const to = join(images, `${name}.tar`)
  if (existsSync(to)) return
  say(`makes the image ${IMAGES[name]}`)
  const root = mkdtempSync(join(tmpdir(), 'hivetap-root-'))
  // It becomes the root of containers, some of which are not root's.
  chmodSync(root, 0o755)
  try {
    await makeImage({ name: IMAGES[name], root, to, ...(await fill(root)) })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
