import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Hivetap } from './hivetap.js'

const PLUGIN = fileURLToPath(new URL('../../packages/hivetap/bin/kubectl-hivetap.js', import.meta.url))
const STAND_IN = fileURLToPath(new URL('./stand-in-kubectl.mjs', import.meta.url))

/** What an exec of the stand-in does: stand-in-kubectl.mjs. */
export interface Act {
  readonly lines?: readonly string[]
  readonly stderr?: readonly string[]
  readonly flood?: number
  readonly together?: number
  readonly next: 'wait' | 'exit'
  readonly last?: readonly string[]
  readonly status?: number
}

/** A cluster that a test makes up: a stand-in for kubectl that finds it. */
export class StandIn {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hivetap-kubectl-'))
  readonly #file = join(this.#folder, 'scenario')
  readonly #runs: Hivetap[] = []

  constructor() {
    mkdirSync(join(this.#folder, 'bin'))
    copyFileSync(STAND_IN, join(this.#folder, 'bin', 'kubectl'))
    writeFileSync(`${this.#file}.calls`, '')
  }

  /** Says what is there from now on: what execs do, by node, one after the other. */
  set(acts: Readonly<Record<string, readonly Act[]>>): void {
    const pods = Object.keys(acts).map(pod)
    writeFileSync(`${this.#file}.next`, JSON.stringify({ pods, acts: byPod(acts) }))
    renameSync(`${this.#file}.next`, this.#file)
  }

  /** Runs the plugin. */
  run(args: readonly string[], options: { readonly stdout?: number; readonly path?: string } = {}): Hivetap {
    const { path = `${join(this.#folder, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`, ...rest } =
      options
    const run = new Hivetap(args, { script: PLUGIN, env: { PATH: path, STAND_IN: this.#file }, ...rest })
    this.#runs.push(run)
    return run
  }

  /** The command lines that kubectl was called with. */
  get calls(): readonly (readonly string[])[] {
    return readFileSync(`${this.#file}.calls`, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as string[])
  }

  async close(): Promise<void> {
    for (const run of this.#runs) await run.kill()
    rmSync(this.#folder, { recursive: true })
  }
}

const podOf = (node: string) => `hivetap-${node}`

function byPod(acts: Readonly<Record<string, readonly Act[]>>) {
  return Object.fromEntries(Object.entries(acts).map(([node, list]) => [podOf(node), list]))
}

function pod(node: string) {
  const name = podOf(node)
  return {
    metadata: { name, namespace: 'hivetap', uid: `uid-of-${name}` },
    spec: {
      nodeName: node,
      containers: [
        {
          name: 'hivetap',
          image: 'hivetap',
          livenessProbe: {
            exec: { command: ['/usr/bin/node', '/opt/hivetap.js', 'health', '/run/health.sock'] },
          },
        },
      ],
    },
    status: {
      containerStatuses: [
        { name: 'hivetap', ready: true, state: { running: { startedAt: '2026-11-28T00:00:00Z' } } },
      ],
    },
  }
}

/** Now, with an offset in milliseconds, as records tell it. */
export function recordTime(offsetMs = 0): string {
  return new Date(Date.now() + offsetMs).toISOString().replace('Z', '000000Z')
}

/** The line with which a node begins, whose clock may be wrong: by `-60000` milliseconds. */
export function headLine(wrongBy = ''): string {
  return JSON.stringify({
    version: 1,
    time: `@now${wrongBy}`,
    tool: 'tcpconnlat',
    record: 'head',
    clocks: [],
    head: 'PID COMM',
  })
}

/** A line that tells of a connect. */
export function eventLine(comm: string, time: string): string {
  return JSON.stringify({
    version: 1,
    event_id: 'e-0',
    time,
    host: 'h',
    tool: 'tcpconnlat',
    comm,
    row: `1 ${comm}`,
  })
}

/** A node's account: so many connects told. */
export function ledgerLine(delivered: number, dropped: Readonly<Record<string, number>> = {}): string {
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  return JSON.stringify({
    version: 1,
    time: '@now',
    tool: 'tcpconnlat',
    record: 'ledger',
    ended: true,
    produced: delivered + lost,
    delivered,
    filtered: 0,
    sampled_out: 0,
    in_flight: 0,
    dropped,
    truncated: 0,
    missed_runs: 0,
  })
}
