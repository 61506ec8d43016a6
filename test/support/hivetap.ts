import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The command as it is installed: what was built is tested, as a user runs it. */
export const HIVETAP = fileURLToPath(new URL('../../packages/hivetap/bin/hivetap.js', import.meta.url))

/** Stands in front of a command that is to find no BTF of the kernel: in a mount namespace of its own, it is hidden. */
export const WITHOUT_BTF = [
  'unshare',
  '-m',
  'sh',
  '-c',
  'mount -t tmpfs none /sys/kernel/btf && exec "$0" "$@"',
]

/** The same, where no cgroups are to be seen: as in a pod, but for its own. */
export const WITHOUT_CGROUPS = [
  'unshare',
  '-m',
  'sh',
  '-c',
  'mount -t tmpfs none /sys/fs/cgroup && exec "$0" "$@"',
]

/** An event, or another record, as `-o json` writes it. */
export type JsonEvent = Readonly<Record<string, string | number | boolean>>

/** How a run ended. */
export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A run of hivetap: what it has printed so far, and how it is ended. */
export abstract class Run {
  protected out = ''
  protected err = ''

  get stdout(): string {
    return this.out
  }

  get stderr(): string {
    return this.err
  }

  /** Lines of standard output that are whole, but for accounts. */
  get lines(): string[] {
    return this.out
      .split('\n')
      .slice(0, -1)
      .filter((line) => !isLedger(line))
  }

  /** The accounts among them: `--stats -o json`. */
  get ledgers(): Readonly<Record<string, unknown>>[] {
    return this.out
      .split('\n')
      .filter(isLedger)
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  }

  abstract get hasEnded(): boolean

  /** Sends a signal and waits for the end. */
  abstract end(signal?: NodeJS.Signals): Promise<End>

  /** Waits until it ends by itself. */
  abstract ended(): Promise<End>

  /** Kills it, if it still runs: for the end of a test that failed. */
  abstract kill(): Promise<void>

  /** Resolves when a condition on what it has printed holds; fails when it ends before, or after so long. */
  async until(condition: (run: this) => boolean, what: string, waitMs = 30_000): Promise<void> {
    const deadline = Date.now() + waitMs
    while (!condition(this)) {
      if (this.hasEnded || Date.now() > deadline) {
        throw new Error(
          `hivetap: waited for ${what} in vain; it printed\n${this.out}\nand on stderr\n${this.err}`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Resolves when it is attached: it was started with `-v`. */
  attached(): Promise<this> {
    return this.until((run) => run.stderr.includes('attached by'), 'attached').then(() => this)
  }
}

/** A run in a process of its own. */
export class Hivetap extends Run {
  readonly child: ChildProcess
  readonly #isGroup: boolean
  readonly #exit: Promise<unknown>

  /** @param options `stdout`, `stderr`: descriptors in place of pipes that are read here */
  constructor(
    args: readonly string[],
    options: {
      readonly prefix?: readonly string[]
      readonly env?: NodeJS.ProcessEnv
      /** The script, if it is not the command as it is installed. */
      readonly script?: string
      /** What runs it in place of this Node and the script: a container. */
      readonly command?: readonly string[]
      /** Signals go to all that it starts too: it has a process group of its own. */
      readonly isGroup?: boolean
      /** A pipe that the test writes to; without, there is nothing to be read. */
      readonly stdin?: 'pipe'
      readonly stdout?: number
      readonly stderr?: number
    } = {},
  ) {
    super()
    const [command = '', ...rest] = [
      ...(options.prefix ?? []),
      ...(options.command ?? [process.execPath, options.script ?? HIVETAP]),
      ...args,
    ]
    this.#isGroup = options.isGroup ?? false
    this.child = spawn(command, rest, {
      detached: this.#isGroup,
      stdio: [options.stdin ?? 'ignore', options.stdout ?? 'pipe', options.stderr ?? 'pipe'],
      env: { ...process.env, ...options.env },
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err += text
    })
    this.#exit = once(this.child, 'close')
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null
  }

  end(signal: NodeJS.Signals = 'SIGINT'): Promise<End> {
    this.#signal(signal)
    return this.ended()
  }

  async ended(): Promise<End> {
    await this.#exit
    return { code: this.child.exitCode, signal: this.child.signalCode }
  }

  async kill(): Promise<void> {
    this.#signal('SIGKILL')
    await this.#exit
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.child
    if (!this.#isGroup || pid === undefined) {
      this.child.kill(signal)
      return
    }
    try {
      process.kill(-pid, signal)
    } catch {
      // All of them have ended.
    }
  }
}

/** The events of a run with `-o json`. */
export function events(run: Run): JsonEvent[] {
  return run.lines.map((line) => JSON.parse(line) as JsonEvent)
}

function isLedger(line: string): boolean {
  return line.startsWith('{') && line.includes('"record":"ledger"')
}
