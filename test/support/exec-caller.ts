import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { cgroupIdOf } from './cgroup.js'

const SOURCE = fileURLToPath(new URL('./exec-caller.c', import.meta.url))

/** A folder that all users may enter, with the program of exec-caller.c. */
export class ExecFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'hivetap-exec-'))
  readonly program = join(this.path, 'caller')

  constructor() {
    chmodSync(this.path, 0o755)
    execFileSync('gcc', ['-O2', '-Wall', '-Werror', '-static', '-o', this.program, SOURCE, '-lpthread'], {
      stdio: 'inherit',
    })
  }

  /** A path within. */
  at(...names: readonly string[]): string {
    return join(this.path, ...names)
  }

  close(): void {
    rmSync(this.path, { recursive: true })
  }
}

/** A word of a request: text, or bytes that are none. */
export type Word = string | Uint8Array

/** What the program says: of itself when it has begun, or of a call that failed. */
interface Said {
  readonly what: 'began' | 'failed' | 'done' | 'storm'
  readonly errno: number
  readonly pid: number
  readonly ppid: number
  readonly uid: number
  readonly tid: number
  /** The thread that started it. */
  readonly caller: number
  readonly started?: number
}

/** What /proc tells of a process that was started, and what it says itself. */
export interface Started {
  readonly errno: 0
  readonly pid: number
  readonly ppid: number
  readonly uid: number
  readonly caller: number
  readonly args: readonly string[]
  readonly comm: string
  readonly parentComm: string
  readonly cwd: string
  readonly cgroupId: number | undefined
}

/** A process that calls exec(2) as it is told. */
export class ExecCaller {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>

  /** @param prefix of the command line */
  private constructor(program: string, prefix: readonly string[]) {
    const [command = program, ...args] = [...prefix, program]
    this.#child = spawn(command, args, { stdio: 'pipe' })
    this.#child.stderr.pipe(process.stderr)
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  static async start(program: string, prefix: readonly string[] = []): Promise<ExecCaller> {
    const caller = new ExecCaller(program, prefix)
    await caller.#said()
    return caller
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Asks for something that is no exec, or ends in a line of its own. */
  async ask(...words: readonly Word[]): Promise<Said> {
    this.#ask(words)
    return await this.#said()
  }

  /** Asks for an exec of the program itself: what came of it. */
  async exec(...words: readonly Word[]): Promise<Started | Said> {
    const said = await this.ask(...words)
    return said.what === 'began' ? this.#describe(said) : said
  }

  #ask([what = '', ...texts]: readonly Word[]): void {
    const encoded = texts.map((text) => `=${Buffer.from(text as string).toString('hex')}`)
    this.#child.stdin.write(`${[what, ...encoded].join(' ')}\n`)
  }

  async #said(): Promise<Said> {
    const { value, done } = await this.#lines.next()
    if (done === true) throw new Error('the program that calls exec has ended')
    return JSON.parse(value) as Said
  }

  #describe({ ppid, uid, caller }: Said): Started {
    const { pid } = this
    return {
      errno: 0,
      pid,
      ppid,
      uid,
      caller,
      args: textsOf(readFileSync(`/proc/${pid}/cmdline`)),
      comm: commOf(pid),
      parentComm: commOf(ppid),
      cwd: readlinkSync(`/proc/${pid}/cwd`),
      cgroupId: cgroupIdOf(pid),
    }
  }

  /** Ends it, and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const end = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await end
  }
}

/** Texts that each end with a NUL. */
function textsOf(bytes: Buffer): string[] {
  return bytes.toString('utf8').split('\0').slice(0, -1)
}

function commOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').slice(0, -1)
}
