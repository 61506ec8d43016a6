import { spawnSync } from 'node:child_process'
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The least that btrfs takes for data and metadata that are there once. */
const IMAGE_BYTES = 128 << 20

/**
 * A disk of the test's own of which blocks can be spoiled: a file with a btrfs in it, which holds each block against its checksum
 * and gives EIO, as a disk does with a sector that it cannot read.
 */
export class BadDisk {
  /** Where it is mounted. */
  readonly path: string
  readonly #folder: string
  readonly #image: string

  private constructor(folder: string) {
    this.#folder = folder
    this.#image = join(folder, 'image')
    this.path = join(folder, 'disk')
  }

  /** `undefined` where there is no mkfs.btrfs, or nothing may be mounted. */
  static mount(): BadDisk | undefined {
    const disk = new BadDisk(mkdtempSync(join(tmpdir(), 'hivetap-bad-disk-')))
    mkdirSync(disk.path)
    const fd = openSync(disk.#image, 'w')
    ftruncateSync(fd, IMAGE_BYTES)
    closeSync(fd)
    const made = run('mkfs.btrfs', '-q', '-d', 'single', '-m', 'single', disk.#image)
    if (made && run('mount', '-t', 'btrfs', '-o', 'loop,max_inline=0', disk.#image, disk.path)) return disk
    rmSync(disk.#folder, { recursive: true })
    return undefined
  }

  /**
   * Spoils the blocks of 4096 bytes that hold some texts, each of which is once on the disk. Whoever reads the file then asks the
   * disk, not the kernel's memory.
   */
  spoil(file: string, texts: readonly string[]): void {
    if (!run('sync', '-f', file)) throw new Error(`cannot sync ${file}`)
    const image = readFileSync(this.#image)
    const fd = openSync(this.#image, 'r+')
    for (const text of texts) {
      const at = image.indexOf(text)
      if (at < 0 || image.indexOf(text, at + 1) >= 0) throw new Error(`${text} is not once in the image`)
      writeSync(fd, Buffer.of((image[at] ?? 0) ^ 0xff), 0, 1, at)
    }
    closeSync(fd)
    if (!run('dd', `if=${file}`, 'iflag=nocache', 'count=0')) throw new Error(`cannot drop ${file}`)
  }

  unmount(): void {
    if (!run('umount', this.path)) throw new Error(`cannot unmount ${this.path}`)
    rmSync(this.#folder, { recursive: true })
  }
}

function run(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}
