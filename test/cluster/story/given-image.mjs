// @ts-check
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/root.mjs'
import { run as runCommand } from '../commands.mjs'
import { clusterInstance } from '../instance.mjs'
import { importIntoNodes } from '../node-images.mjs'

/**
 * The image of a run: HIVETAP_IMAGE, or that which `npm run image` makes, put into the nodes.
 *
 * @param {string} run
 * @param {boolean} isOwn whether the cluster is ours
 * @returns {Promise<{ image: string, release: () => Promise<void> }>}
 */
export async function givenImage(run, isOwn) {
  const named = process.env['HIVETAP_IMAGE']
  if (named !== undefined && !isOwn) return { image: named, release: async () => {} }
  const image = `lab.local/hivetap-test:${run}`
  const cluster = clusterInstance()
  const folder = mkdtempSync(join(tmpdir(), 'hivetap-archive-'))
  try {
    // An archive that stands in place of a name is put into our nodes too.
    const archive = named ?? (await shippedImage(folder))
    return { image, release: await importIntoNodes(cluster, archive, image) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Makes the image as it is shipped: the chart calls what is in that one. With the environment as it is: a proxy may stand
 * before the registries.
 *
 * @param {string} folder
 * @returns {Promise<string>} the archive
 */
async function shippedImage(folder) {
  const script = join(ROOT, 'scripts/image/image.mjs')
  await runCommand(process.execPath, [script, '--out', folder], { cwd: ROOT, env: process.env })
  const name = readdirSync(folder).find((file) => file.endsWith('.oci.tar'))
  if (name === undefined) throw new Error(`${script} made no archive`)
  return join(folder, name)
}
