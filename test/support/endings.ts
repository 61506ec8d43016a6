import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('./endings.c', import.meta.url))

/** A process that ended, as its parent knows it; times are nanoseconds of CLOCK_MONOTONIC. */
export interface Ending {
  readonly kind: string
  readonly pid: number
  readonly ppid: number
  /** Of its threads, the first one first. */
  readonly tids: readonly number[]
  /** As waitpid(2) has told it. */
  readonly status: number
  /** It was made between these. */
  readonly bornAfter: number
  readonly bornBefore: number
  /** It ended between these. */
  readonly endedAfter: number
  readonly endedBefore: number
}

/** Processes that end in a way of their own: endings.c, compiled. Cores that they leave go where it is. */
export class Endings {
  readonly #directory = mkdtempSync(join(tmpdir(), 'hivetap-endings-'))
  readonly #program = join(this.#directory, 'endings')

  constructor() {
    execFileSync('gcc', ['-O2', '-pthread', '-o', this.#program, SOURCE])
  }

  /** Makes processes, one after the other; returns when their parent has been told of them. */
  make(...kinds: readonly string[]): Ending[] {
    const text = execFileSync(this.#program, kinds, { cwd: this.#directory, encoding: 'utf8' })
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Ending)
  }

  close(): void {
    rmSync(this.#directory, { recursive: true })
  }
}
