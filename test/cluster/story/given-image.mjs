// @ts-check
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clusterInstance } from '../instance.mjs'
import { importIntoNodes } from '../node-images.mjs'
import { makeBareImage } from './bare-image.mjs'

/**
 * The image of a run: HIVETAP_IMAGE, or one that is made of the checkout and put into the nodes.
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
    const archive = named ?? join(folder, 'image.tar')
    if (named === undefined) await makeBareImage(image, archive)
    return { image, release: await importIntoNodes(cluster, archive, image) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
