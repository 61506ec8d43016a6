import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { Compression } from './config.js'
import { PACKED, pack } from './pack.js'

/** A file that was put aside. */
interface Archived {
  readonly file: string
  readonly sequence: number
  readonly packed: boolean
}

/** What is kept of them. */
export interface Keep {
  readonly files: number
  readonly bytes: number
}

/** The files that were put aside: `events.jsonl` becomes `events-20261128T051203Z-000001.jsonl.gz`. */
export class Archive {
  readonly #path: string
  readonly #compression: Compression
  readonly #keep: Keep
  readonly #pattern: RegExp

  constructor(path: string, compression: Compression, keep: Keep) {
    this.#path = path
    this.#compression = compression
    this.#keep = keep
    const extension = extname(path)
    const stem = basename(path, extension)
    this.#pattern = new RegExp(
      `^${escaped(stem)}-\\d{8}T\\d{6}Z-(\\d{6,})${escaped(extension)}(\\.gz|\\.zst)?(\\.part)?$`,
    )
  }

  /** Puts the file aside. @returns its new path */
  async add(now: Date): Promise<string> {
    const last = (await this.#list()).at(-1)
    const extension = extname(this.#path)
    const time = now.toISOString().replace(/[-:]|\.\d+/g, '')
    const sequence = String((last?.sequence ?? 0) + 1).padStart(6, '0')
    const name = `${basename(this.#path, extension)}-${time}-${sequence}${extension}`
    const target = join(dirname(this.#path), name)
    await rename(this.#path, target)
    return target
  }

  /**
   * Packs what is not packed, also what a crash left so, and removes the oldest that are not kept.
   *
   * @returns how many were removed
   */
  async tidy(): Promise<number> {
    await this.#removeParts()
    // First what is not kept: nothing is packed to be removed, and a full disk gets room.
    const removed = await this.#prune()
    if (this.#compression !== 'none')
      for (const { file, packed } of await this.#list()) if (!packed) await pack(file, this.#compression)
    return removed + (await this.#prune())
  }

  async #prune(): Promise<number> {
    let files = 0
    let bytes = 0
    let removed = 0
    for (const { file } of (await this.#list()).reverse()) {
      bytes += (await stat(file)).size
      if (++files <= this.#keep.files && bytes <= this.#keep.bytes) continue
      await rm(file)
      removed++
    }
    return removed
  }

  /** In the order in which they were put aside. */
  async #list(): Promise<Archived[]> {
    const found: Archived[] = []
    for (const name of await readdir(dirname(this.#path))) {
      const [, digits, packed, part] = this.#pattern.exec(name) ?? []
      if (digits === undefined || part !== undefined) continue
      found.push({
        file: join(dirname(this.#path), name),
        sequence: Number(digits),
        packed: packed !== undefined,
      })
    }
    return found.sort((a, b) => a.sequence - b.sequence)
  }

  /** What a packing left that did not come to its end. */
  async #removeParts(): Promise<void> {
    for (const name of await readdir(dirname(this.#path)))
      if (this.#pattern.exec(name)?.[3] !== undefined) await rm(join(dirname(this.#path), name))
    const files = await this.#list()
    for (const { file, packed } of files)
      if (!packed && files.some((other) => PACKED.some((end) => other.file === file + end))) await rm(file)
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
