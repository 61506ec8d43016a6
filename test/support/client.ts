import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { SocketAddress } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Command } from './client.mjs'

const PROGRAM = fileURLToPath(new URL('./client.mjs', import.meta.url))

export interface EndPoint {
  readonly address: string
  readonly port: number
}

/** What the client says of a connect: by its own clock and its own socket. */
export interface Connected {
  readonly fd: number
  /** Error number, 0 for none, 115 while it is under way; absent where io_uring is. */
  readonly errno?: number
  readonly tookUs: number
  readonly local: EndPoint
}

/** The program that makes connections for a test, in a process of its own. */
export class Client {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>

  /** @param prefix of the command line: `['ip', 'netns', 'exec', 'name']` */
  constructor(prefix: readonly string[] = []) {
    const [command = process.execPath, ...args] = [...prefix, process.execPath, PROGRAM]
    this.#child = spawn(command, args, { stdio: 'pipe' })
    this.#child.stderr.pipe(process.stderr)
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async ask<T = Record<string, never>>(command: Command): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`)
    const { value, done } = await this.#lines.next()
    if (done === true) throw new Error('the client program has ended')
    const answer = JSON.parse(value) as T & { error?: string }
    if (answer.error !== undefined) throw new Error(`the client program: ${answer.error}`)
    return answer
  }

  who(): Promise<{ pid: number; uid: number; netns: number; comm: string }> {
    return this.ask({ op: 'who' })
  }

  listen(
    address: string,
    options: { backlog?: number; fastOpen?: boolean } = {},
  ): Promise<EndPoint & { fd: number }> {
    return this.ask({ op: 'listen', place: { address, port: 0 }, ...options })
  }

  connect(
    place: EndPoint,
    how: 'nonblocking' | 'blocking' | 'io_uring' | 'begin' = 'nonblocking',
    options: { protocol?: 'tcp' | 'mptcp'; fastOpen?: boolean; bind?: EndPoint; waitMs?: number } = {},
  ): Promise<Connected> {
    const { waitMs, ...socket } = options
    return this.ask({
      op: 'connect',
      place,
      how,
      options: socket,
      ...(waitMs === undefined ? {} : { waitMs }),
    })
  }

  /** Connects so many times, as fast as it can, to where nobody listens; how many connects were tried. */
  async storm(place: EndPoint, count: number): Promise<number> {
    const { made } = await this.ask<{ made: number }>({ op: 'storm', place, count })
    return made
  }

  close(fd: number): Promise<unknown> {
    return this.ask({ op: 'close', fd })
  }

  /** Ends the program and all its connections. */
  stop(): void {
    this.#child.kill('SIGKILL')
  }
}

/** An address as inet_ntop(3) writes it, by Node's own parser: what hivetap's text is held against. */
export function canonical(address: string): string {
  return new SocketAddress({ address, family: address.includes(':') ? 'ipv6' : 'ipv4' }).address
}
