import { rename, rm, writeFile } from 'node:fs/promises'
import { printableJson } from '../../stream/printable.js'
import type { HealthRecord } from './health.js'

/** A file that tells the health: whoever reads it has a whole one, of before or of after. */
export class HealthFile {
  readonly #path: string
  readonly #temporary: string
  #writing = false

  constructor(path: string) {
    this.#path = path
    this.#temporary = `${path}.${process.pid}.tmp`
  }

  /**
   * Writes it, unless the last writing has not ended: a disk that hangs is not given more to do.
   *
   * @throws if it cannot be written
   */
  async write(health: HealthRecord): Promise<void> {
    if (this.#writing) return
    this.#writing = true
    try {
      await writeFile(this.#temporary, `${printableJson(JSON.stringify(health))}\n`, { mode: 0o644 })
      await rename(this.#temporary, this.#path)
    } finally {
      this.#writing = false
    }
  }

  /** What is not there tells of no agent. */
  async remove(): Promise<void> {
    await rm(this.#temporary, { force: true })
    await rm(this.#path, { force: true })
  }
}
