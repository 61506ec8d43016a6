import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const WIRE = fileURLToPath(new URL('./wire.mjs', import.meta.url))

/** The near and the far end of the wire. */
export const NEAR = '10.9.0.1'
export const FAR = '10.9.0.2'

/** Why tests cannot have a network of their own; `undefined` if they can. */
export function networkBlockedBy(): string | undefined {
  try {
    execFileSync('ip', ['netns', 'list'], { stdio: 'ignore' })
    return process.getuid?.() === 0 ? undefined : 'a network namespace takes root'
  } catch {
    return 'ip(8) is not installed (iproute2)'
  }
}

/** A network namespace of the test's own. */
export class Network {
  readonly name: string
  #wire: ChildProcess | undefined

  constructor(name: string) {
    this.name = `hivetap-${name}-${process.pid}`
    execFileSync('ip', ['netns', 'add', this.name])
    this.run('ip', 'link', 'set', 'lo', 'up')
  }

  /** What stands in front of a command that is to run in it. */
  get prefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.name]
  }

  /** Runs a command in it; what it printed. */
  run(command: string, ...args: readonly string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.name, command, ...args], { encoding: 'utf8' })
  }

  /** Sets one of its sysctls. */
  set(name: string, value: string): void {
    this.run('sysctl', '-q', '-w', `${name}=${value}`)
  }

  /** Lays the wire, with its faults: test/support/wire.mjs. */
  async lay(faults: { delayMs: number; dropSyns?: number; unreachable?: boolean }): Promise<void> {
    const [command = '', ...args] = [...this.prefix, process.execPath, WIRE, JSON.stringify(faults)]
    this.#wire = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    if (this.#wire.stdout !== null) await once(this.#wire.stdout, 'data')
  }

  /** SYNs sent again in it, as the kernel counts them: TCPSynRetrans of /proc/net/netstat. */
  synRetransmits(): number {
    const [names = [], values = []] = this.run('cat', '/proc/net/netstat')
      .split('\n')
      .filter((line) => line.startsWith('TcpExt:'))
      .map((line) => line.split(' '))
    return Number(values[names.indexOf('TCPSynRetrans')])
  }

  remove(): void {
    this.#wire?.kill('SIGKILL')
    execFileSync('ip', ['netns', 'del', this.name])
  }
}
