import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('./broken-host.c', import.meta.url))
/** Of `struct broken` in broken-host.c. */
const BYTES = 24
const FAILED_AT = 20

/** What of a disk fails: with EIO, or with another error of the system. */
export interface DiskFaults {
  readonly writes?: boolean | number
  readonly reads?: boolean | number
  readonly syncs?: boolean | number
}

/**
 * A host whose wall clock is set and whose disk fails, as processes see it that are started with its `env`: through
 * broken-host.c in front of the C library. The clock and the disks of this host stay as they are.
 */
export class BrokenHost {
  readonly #directory = mkdtempSync(join(tmpdir(), 'hivetap-host-'))
  readonly #path = join(this.#directory, 'state')
  readonly #fd: number
  readonly #library = join(this.#directory, 'broken-host.so')
  #clockMs = 0
  #faults: DiskFaults = {}

  constructor() {
    execFileSync('gcc', ['-O2', '-Wall', '-Werror', '-shared', '-fPIC', '-o', this.#library, SOURCE, '-ldl'])
    writeFileSync(this.#path, Buffer.alloc(BYTES))
    this.#fd = openSync(this.#path, 'r+')
  }

  /** A folder that stands on the disk that can fail. */
  get disk(): string {
    return join(this.#directory, 'disk')
  }

  /** What a process is started with that is to be on this host. */
  get env(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: this.#library,
      BROKEN_HOST: this.#path,
      BROKEN_HOST_FOLDER: this.disk,
      UV_USE_IO_URING: '0',
    }
  }

  /** Calls that failed since it was made. */
  get failed(): number {
    return readFileSync(this.#path).readUInt32LE(FAILED_AT)
  }

  /** Sets the wall clock: so much ahead of that of this host. */
  setClock(aheadMs: number): void {
    this.#clockMs = aheadMs
    this.#write()
  }

  /** From now on the disk fails so, and not otherwise. */
  breakDisk(faults: DiskFaults): void {
    this.#faults = faults
    this.#write()
  }

  close(): void {
    closeSync(this.#fd)
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #write(): void {
    const state = Buffer.alloc(FAILED_AT)
    state.writeBigInt64LE(BigInt(Math.trunc(this.#clockMs)) * 1_000_000n)
    const { writes = false, reads = false, syncs = false } = this.#faults
    for (const [index, fails] of [writes, reads, syncs].entries())
      state.writeUInt32LE(fails === true ? constants.errno.EIO : Number(fails), 8 + 4 * index)
    writeSync(this.#fd, state, 0, state.length, 0)
  }
}
