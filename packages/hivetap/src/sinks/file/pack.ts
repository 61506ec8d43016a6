import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as zlib from 'node:zlib'
import type { Compression } from './config.js'

/** What packed files end in. */
export const PACKED = ['.gz', '.zst'] as const

/** Whether this Node can pack so: it knows zstd since 22.15 and 23.8. */
export function canPack(compression: Compression): boolean {
  return compression !== 'zstd' || zstdOf() !== undefined
}

/**
 * Packs a file into one beside it, and removes it when that is whole and on the disk: at every moment there is one of the
 * two that can be read.
 */
export async function pack(file: string, compression: Exclude<Compression, 'none'>): Promise<void> {
  const target = `${file}${compression === 'gzip' ? '.gz' : '.zst'}`
  const part = `${target}.part`
  const handle = await open(part, 'wx', 0o640)
  try {
    const through = compression === 'gzip' ? zlib.createGzip() : zstdOf()?.()
    if (through === undefined) throw new Error('this Node cannot pack with zstd')
    await pipeline(createReadStream(file), through, handle.createWriteStream({ flush: true }))
    await rename(part, target)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  await rm(file)
}

function zstdOf(): (() => Transform) | undefined {
  return (zlib as { createZstdCompress?: () => Transform }).createZstdCompress
}
