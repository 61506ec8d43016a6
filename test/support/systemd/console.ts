import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

const PATIENCE_MS = 60_000

/** What a machine says on its console. */
export class Said {
  #text = ''
  #hasEnded = false

  constructor(child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (more: string) => {
        this.#text += more
      })
    child.once('close', () => {
      this.#hasEnded = true
    })
  }

  /**
   * Resolves once something is so.
   *
   * @throws what it said, if it ends before that or takes too long
   */
  async until<T>(find: () => T | undefined | Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + PATIENCE_MS
    while (!this.#hasEnded && Date.now() < deadline) {
      const found = await find()
      if (found !== undefined) return found
      await sleep(50)
    }
    throw new Error(`the machine does not come up: ${this.#text}`)
  }
}
