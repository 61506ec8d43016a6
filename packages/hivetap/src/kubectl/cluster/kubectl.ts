import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { tell } from '../../cli/standard-streams.js'
import { KubectlError, kubectlError } from './kubectl-error.js'

/** What kubectl prints at most, of a call that ends: a list of ten thousand pods is some 80 MB. */
const MOST_BYTES = 512 << 20
const MOST_STDERR = 64 << 10
/** What kubectl says is told as it says it once it has run for so long: it may be asking for a login. */
const SILENT_MS = 2000

/** A call that has ended. */
export interface Ran {
  /** Its exit status; 1 where a signal ended it. */
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** How a call is made. */
export interface RunOptions {
  /** What it reads; without, it has this process's standard input: a login may ask there. */
  readonly input?: string
  /** Ends it. */
  readonly signal?: AbortSignal
}

/** A call that goes on, its streams as pipes. */
export type Running = ChildProcessByStdio<Writable, Readable, Readable>

/**
 * kubectl, as it was called: which cluster, as whom, through which proxy is its own affair. Words are handed over as they are,
 * through no shell.
 */
export class Kubectl {
  readonly #flags: readonly string[]

  /** @param flags that stand before each command: `--context=x` */
  constructor(flags: readonly string[]) {
    this.#flags = flags
  }

  /**
   * Runs it to its end, whatever that is.
   *
   * @throws {KubectlError} if there is none, or it prints more than is read
   */
  async run(words: readonly string[], { input, signal }: RunOptions = {}): Promise<Ran> {
    const child = spawn('kubectl', [...this.#flags, ...words], {
      stdio: [input === undefined ? 'inherit' : 'pipe', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal }),
    })
    const stderr = new Said()
    child.stderr?.on('data', (bytes: Buffer) => stderr.add(bytes))
    child.stdin?.on('error', () => undefined).end(input)
    const live = setTimeout(() => stderr.tellOn(), SILENT_MS)
    try {
      const [stdout, [code]] = await Promise.all([
        textOf(child.stdout as Readable),
        once(child, 'close') as Promise<[number | null]>,
      ])
      return { status: code ?? 1, stdout, stderr: stderr.text }
    } catch (error) {
      child.kill()
      throw signal?.aborted === true ? new KubectlError('It was interrupted') : startError(error)
    } finally {
      clearTimeout(live)
    }
  }

  /**
   * Runs it, and is only content with success.
   *
   * @param action what it is for: `list the agents`
   * @returns what it printed
   * @throws {KubectlError} if it failed
   */
  async ask(action: string, words: readonly string[], options: RunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await this.run(words, options)
    if (status !== 0) throw kubectlError(action, stderr)
    return stdout
  }

  /**
   * Starts it apart from this process's terminal, so that Ctrl-C does not end it before what it runs has told its account. It
   * ends when its input does: also where this process is killed.
   */
  start(words: readonly string[]): Running {
    return spawn('kubectl', [...this.#flags, ...words], { stdio: 'pipe', detached: true })
  }
}

/** Why kubectl could not be started. */
export function startError(error: unknown): KubectlError {
  if (error instanceof KubectlError) return error
  const { code = String(error) } = error as NodeJS.ErrnoException
  if (code === 'ENOENT')
    return new KubectlError('There is no kubectl in PATH', { hint: 'Install it, or put its folder there.' })
  return new KubectlError(`Cannot run kubectl: ${code}`, { cause: error })
}

/** What kubectl says on standard error: its end is kept, and told at once where it takes long. */
class Said {
  text = ''
  #isLive = false

  add(bytes: Buffer): void {
    const text = bytes.toString()
    this.text = (this.text + text).slice(-MOST_STDERR)
    if (this.#isLive) void tell(text)
  }

  tellOn(): void {
    this.#isLive = true
    if (this.text !== '') void tell(this.text)
  }
}

async function textOf(stream: Readable): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stream as AsyncIterable<Buffer>) {
    bytes += part.byteLength
    if (bytes > MOST_BYTES) throw new KubectlError(`kubectl printed more than ${MOST_BYTES >> 20} MiB`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}
