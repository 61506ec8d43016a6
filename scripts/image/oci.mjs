// @ts-check
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { writeTar } from './tar-write.mjs'

/**
 * What a manifest or an index names.
 *
 * @typedef {object} Descriptor
 * @property {string} mediaType
 * @property {string} digest
 * @property {number} size
 * @property {{ architecture: string, os: string, variant?: string }} [platform]
 * @property {Readonly<Record<string, string>>} [annotations]
 */

const pack = promisify(gzip)

const TYPE = {
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  config: 'application/vnd.oci.image.config.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
}

/** A layout of OCI that grows: blobs by their digests. The same parts make the same bytes. */
export class OciLayout {
  /** @type {Map<string, Buffer>} */
  #blobs = new Map()
  /** @type {Descriptor[]} */
  #images = []
  #created
  #mtime

  /** @param {number} [epoch] seconds since 1970 that all is dated with */
  constructor(epoch = 0) {
    this.#mtime = epoch
    this.#created = new Date(epoch * 1000).toISOString().replace('.000', '')
  }

  /**
   * Adds the image of one platform.
   *
   * @param {object} image
   * @param {'amd64' | 'arm64'} image.architecture
   * @param {readonly { readonly name: string, readonly files: readonly import('./tar-write.mjs').ImageFile[] }[]} image.layers the lowest first
   * @param {Readonly<Record<string, unknown>>} image.config how it is run
   * @returns {Promise<{ name: string, size: number, packed: number }[]>} bytes of each layer
   */
  async add({ architecture, layers, config }) {
    const platform = { architecture, os: 'linux', ...(architecture === 'arm64' ? { variant: 'v8' } : {}) }
    const made = await Promise.all(
      layers.map(async ({ name, files }) => {
        const tar = writeTar(files, this.#mtime)
        // Node’s gzip writes neither a time nor a name; its byte for the system is Unix on every one that builds this.
        const packed = await pack(tar, { level: constants.Z_BEST_COMPRESSION })
        return { name, size: tar.length, diffId: digestOf(tar), blob: this.#blob(TYPE.layer, packed) }
      }),
    )
    const described = {
      created: this.#created,
      ...platform,
      config,
      rootfs: { type: 'layers', diff_ids: made.map(({ diffId }) => diffId) },
      history: made.map(({ name }) => ({ created: this.#created, created_by: name })),
    }
    const manifest = {
      schemaVersion: 2,
      mediaType: TYPE.manifest,
      config: this.#json(TYPE.config, described),
      layers: made.map(({ blob }) => blob),
    }
    this.#images.push({ ...this.#json(TYPE.manifest, manifest), platform })
    return made.map(({ name, size, blob }) => ({ name, size, packed: blob.size }))
  }

  /**
   * The archive: what `skopeo copy oci-archive:…` and `ctr images import` read.
   *
   * @param {string} name of the image, with its tag
   * @param {Readonly<Record<string, string>>} annotations of the index of platforms
   * @returns {{ archive: Buffer, digest: string }} the digest is that of the index: what a registry will call it
   */
  finish(name, annotations) {
    const index = this.#json(TYPE.index, {
      schemaVersion: 2,
      mediaType: TYPE.index,
      manifests: this.#images,
      annotations,
    })
    const named = {
      ...index,
      annotations: {
        'io.containerd.image.name': name,
        'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
      },
    }
    const layout = { schemaVersion: 2, mediaType: TYPE.index, manifests: [named] }
    /** @type {(path: string, content: Buffer) => import('./tar-write.mjs').ImageFile} */
    const file = (path, content) => ({ path, kind: 'file', mode: 0o644, content })
    const archive = writeTar(
      [
        file('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')),
        file('index.json', Buffer.from(JSON.stringify(layout))),
        ...[...this.#blobs].map(([digest, blob]) => file(`blobs/${digest.replace(':', '/')}`, blob)),
      ],
      this.#mtime,
    )
    return { archive, digest: index.digest }
  }

  /**
   * @param {string} mediaType
   * @param {unknown} value
   */
  #json(mediaType, value) {
    return this.#blob(mediaType, Buffer.from(JSON.stringify(value)))
  }

  /**
   * @param {string} mediaType
   * @param {Buffer} bytes
   * @returns {Descriptor}
   */
  #blob(mediaType, bytes) {
    const digest = digestOf(bytes)
    this.#blobs.set(digest, bytes)
    return { mediaType, digest, size: bytes.length }
  }
}

/** @param {Buffer} bytes */
function digestOf(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
