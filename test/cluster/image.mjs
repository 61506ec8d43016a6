// @ts-check
import { createHash } from 'node:crypto'
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { run } from './commands.mjs'

const PATH = '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const ARCHITECTURES = /** @type {Readonly<Record<string, string>>} */ ({ x64: 'amd64', arm64: 'arm64' })

/**
 * Makes an OCI archive with one layer of a folder, for this machine's architecture.
 *
 * @param {object} image
 * @param {string} image.name with its tag
 * @param {string} image.root the folder; all becomes root's
 * @param {string} image.to the archive, which appears whole or not at all
 * @param {readonly string[]} [image.command]
 * @param {readonly string[]} [image.entrypoint]
 */
export async function makeImage({ name, root, to, command = [], entrypoint }) {
  mkdirSync(dirname(to), { recursive: true })
  const folder = mkdtempSync(join(tmpdir(), 'hivetap-image-'))
  try {
    const blobs = join(folder, 'blobs/sha256')
    mkdirSync(blobs, { recursive: true })
    const blob = (/** @type {string} */ mediaType, /** @type {unknown} */ value) => {
      const bytes = Buffer.from(JSON.stringify(value))
      const hash = createHash('sha256').update(bytes).digest('hex')
      writeFileSync(join(blobs, hash), bytes)
      return { mediaType, digest: `sha256:${hash}`, size: bytes.length }
    }
    const layer = await packLayer(root, blobs)
    const platform = { architecture: ARCHITECTURES[process.arch] ?? process.arch, os: 'linux' }
    const config = blob('application/vnd.oci.image.config.v1+json', {
      ...platform,
      config: {
        Env: [`PATH=${PATH}`],
        Cmd: command,
        ...(entrypoint === undefined ? {} : { Entrypoint: entrypoint }),
      },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    })
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const manifest = blob(mediaType, { schemaVersion: 2, mediaType, config, layers: [layer] })
    const annotations = {
      'io.containerd.image.name': name,
      'org.opencontainers.image.ref.name': name.split(':').at(-1),
    }
    const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations, platform }] }
    writeFileSync(join(folder, 'index.json'), JSON.stringify(index))
    writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
    const making = `${to}-${process.pid}`
    await run('tar', ['-cf', making, '-C', folder, 'oci-layout', 'index.json', 'blobs'])
    renameSync(making, to)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {string} root
 * @param {string} blobs
 */
async function packLayer(root, blobs) {
  const file = join(blobs, 'layer')
  const same = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0']
  await run('tar', [...same, '-cf', file, '-C', root, '.'])
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  const digest = hash.digest('hex')
  const { size } = statSync(file)
  renameSync(file, join(blobs, digest))
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${digest}`, size }
}
