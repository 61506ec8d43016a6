import { open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DeliveryError, type Destination, type DestinationContext } from '../../delivery/destination.js'
import { jsonLinesOf } from '../../delivery/json-lines-of.js'
import type { SpoolBatch } from '../../spool/spool.js'
import { Archive } from './archive.js'
import type { FileConfig } from './config.js'
import { type LogFile, openLogFile } from './open-log-file.js'
import { writeWhole } from './write-whole.js'

/** Errors that pass by themselves, or with somebody's help: then the same batch is written. */
const PASSING = ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ESTALE', 'ETIMEDOUT']

/** JSON lines, appended to a file: whole lines only, whatever ends the agent. */
export class FileDestination implements Destination {
  readonly name: string
  readonly window = 1
  readonly #config: FileConfig
  readonly #context: DestinationContext
  readonly #archive: Archive
  #file: LogFile | undefined
  #size = 0
  /** The packing of files that were put aside: one at a time, while lines go on being written. */
  #tidying: Promise<void> = Promise.resolve()
  #waiting = false

  constructor(config: FileConfig, context: DestinationContext) {
    this.name = config.name
    this.#config = config
    this.#context = context
    const bytes = config.keep_bytes ?? Number.POSITIVE_INFINITY
    this.#archive = new Archive(config.path, config.compression, { files: config.keep_files, bytes })
  }

  async open(): Promise<void> {
    await this.#guarded(async () => {
      await this.#current()
      this.#tidy()
    })
  }

  async deliver(batch: SpoolBatch): Promise<readonly never[]> {
    const bytes = jsonLinesOf(batch.records)
    await this.#guarded(async () => {
      let file = await this.#current()
      if (this.#isFull(file, bytes.byteLength)) {
        await this.#rotate(file)
        file = await this.#current()
      }
      await this.#write(file, bytes)
    })
    return []
  }

  async close(): Promise<void> {
    await this.#letGo()
    await this.#tidying
  }

  async #write(file: LogFile, bytes: Uint8Array): Promise<void> {
    try {
      await writeWhole(file.handle, bytes, this.#size)
      if (this.#config.fsync) await file.handle.datasync()
      this.#size += bytes.byteLength
    } catch (error) {
      // It is looked at anew, should half a line stand at its end all the same.
      await this.#letGo()
      throw error
    }
  }

  async #letGo(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.handle.close()
  }

  #isFull({ beganMs }: LogFile, bytes: number): boolean {
    const { max_bytes, rotate_every } = this.#config
    if (this.#size === 0) return false
    return (
      this.#size + bytes > max_bytes || (rotate_every !== undefined && Date.now() - beganMs >= rotate_every)
    )
  }

  /** The file that has the path now: another program may have moved ours, or cut it. */
  async #current(): Promise<LogFile> {
    const file = this.#file
    if (file !== undefined) {
      const there = await stat(this.#config.path, { bigint: true }).catch(absent)
      if (there !== undefined && there.ino === file.ino && there.dev === file.dev) {
        this.#size = Number(there.size)
        return file
      }
      this.#context.note('the file was moved by another program: a new one is begun', {
        path: this.#config.path,
      })
      await this.#letGo()
    }
    const opened = await openLogFile(this.#config.path)
    if (this.#config.fsync) await syncDirectory(dirname(this.#config.path))
    this.#file = opened
    this.#size = opened.size
    if (opened.cutBytes > 0)
      this.#context.note('half a line at the end of the file was cut: its batch comes again', {
        path: this.#config.path,
        bytes: opened.cutBytes,
      })
    return opened
  }

  async #rotate({ handle }: LogFile): Promise<void> {
    if (this.#config.fsync) await handle.datasync()
    const target = await this.#archive.add(new Date())
    await this.#letGo()
    this.#context.note('the file was put aside', { path: target })
    this.#tidy()
  }

  /** Beside the writing. One that runs and one that waits are enough: the latter sees all that is there. */
  #tidy(): void {
    if (this.#waiting) return
    this.#waiting = true
    this.#tidying = this.#tidying.then(async () => {
      this.#waiting = false
      try {
        const removed = await this.#archive.tidy()
        if (removed > 0) this.#context.note('old files were removed, as keep says', { files: removed })
      } catch (error) {
        this.#context.note('files put aside could not be packed or removed; tried again with the next', {
          error: (error as Error).message,
        })
      }
    })
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof DeliveryError) throw error
      const { code = 'unknown', message } = error as NodeJS.ErrnoException
      const kind = code === 'ENOSPC' || code === 'EDQUOT' ? 'disk_full' : 'file_failed'
      throw new DeliveryError(kind, `Cannot write to ${this.#config.path}: ${message}`, {
        passing: PASSING.includes(code),
        cause: error,
      })
    }
  }
}

/** So that a power cut does not lose the file's name. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
  return undefined
}
