// @ts-check
/**
 * The container image, `npm run image`: for linux/amd64 and linux/arm64, made of packages of npm and of Debian alone, without a
 * daemon. Writes an archive of OCI and a list of what is in it (SPDX) for each platform, and says the digest. The same
 * sources make the same digest.
 *
 *   --out FOLDER   where to; dist/image without
 *   --locked       only with the packages of Debian that lock.json names; without, those that are served now stand in for
 *                  those that are not any more, and that is said
 *   --update       with what Debian serves now, and write lock.json anew
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readArguments } from '../arguments.mjs'
import { ROOT } from '../root.mjs'
import { buildImage } from './build-image.mjs'
import { readLock, writeLock } from './lock.mjs'

const { values } = readArguments(import.meta.url, {
  options: {
    out: { type: 'string', default: join(ROOT, 'dist/image') },
    locked: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
  },
})
const { version, archive, digest, sizes, boms, lock } = await buildImage({
  lock: readLock(),
  policy: values.update ? 'newest' : values.locked ? 'locked' : 'served',
  epoch: Number(process.env['SOURCE_DATE_EPOCH'] ?? 0),
  tell: (line) => process.stderr.write(`image: ${line}\n`),
})
if (values.update) writeLock(lock)
mkdirSync(values.out, { recursive: true })
for (const { architecture, text } of boms)
  writeFileSync(join(values.out, `hivetap-${version}-linux-${architecture}.spdx.json`), text)
const path = join(values.out, `hivetap-${version}.oci.tar`)
writeFileSync(path, archive)
for (const { architecture, layers } of sizes) {
  const whole = layers.reduce((sum, { packed }) => sum + packed, 0)
  const parts = layers.map(({ name, packed }) => `${name} ${megabytes(packed)}`).join(', ')
  process.stdout.write(`linux/${architecture}  ${megabytes(whole)} MB compressed: ${parts}\n`)
}
process.stdout.write(`${path}\n${digest}\n`)

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1)
}
