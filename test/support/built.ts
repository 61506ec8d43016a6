import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Where what was built of @hivetap/bpf is: a process of its own runs that. */
const DIST = fileURLToPath(new URL('../../packages/bpf/dist/', import.meta.url))

/**
 * Program text for a process of its own: `dist` is the folder of what was built, `answer` prints a value for the test,
 * `until` waits for a line on standard input.
 */
function programOf(text: string): string {
  return `
    import { createInterface } from 'node:readline'
    const dist = ${JSON.stringify(DIST)}
    const answer = (value) => process.stdout.write(JSON.stringify(value) + '\\n')
    const lines = () => createInterface({ input: process.stdin })[Symbol.asyncIterator]()
    ${text}`
}

function commandOf(prefix: readonly string[], text: string, flags: readonly string[]): [string, string[]] {
  const [command = '', ...args] = [
    ...prefix,
    process.execPath,
    ...flags,
    '--input-type=module',
    '-e',
    programOf(text),
  ]
  return [command, args]
}

export interface ChildOptions {
  /** Stands in front of the command: `['unshare', '-m']`. */
  readonly prefix?: readonly string[]
  /** Of node. */
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Runs program text to its end; what it answered, in order. */
export function runBuilt<T>(text: string, { prefix = [], flags = [], env = {} }: ChildOptions = {}): T[] {
  const [command, args] = commandOf(prefix, text, flags)
  const { stdout, stderr, status } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  if (status !== 0) throw new Error(`a child ended with ${status}: ${stderr}`)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

/** Program text that runs beside the test. */
export class BuiltProcess {
  readonly #child
  #stdout = ''
  readonly #end: Promise<number | null>

  constructor(text: string, { prefix = [], flags = [], env = {} }: ChildOptions = {}) {
    const [command, args] = commandOf(prefix, text, flags)
    this.#child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    })
    this.#child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stdout += chunk
    })
    this.#end = new Promise((resolve) => this.#child.on('close', (code) => resolve(code)))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** What it has answered so far. */
  answers<T>(): T[] {
    return this.#stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as T)
  }

  /** Its next answer, when so many were there before. */
  async answer<T>(index = 0): Promise<T> {
    for (;;) {
      const found = this.answers<T>()[index]
      if (found !== undefined) return found
      if (this.#child.exitCode !== null) throw new Error(`a child ended with ${this.#child.exitCode}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** Gives it a line. */
  tell(line = ''): void {
    this.#child.stdin.write(`${line}\n`)
  }

  /** Waits for its end: its exit status. */
  end(): Promise<number | null> {
    this.#child.stdin.end()
    return this.#end
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#end
  }
}
