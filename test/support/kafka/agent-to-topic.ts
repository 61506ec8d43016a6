import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openDiskSpool } from '../../../packages/hivetap/src/spool/disk-spool.js'
import type { SpoolEnd } from '../../../packages/hivetap/src/spool/spool.js'
import type { Client } from '../client.js'
import { HIVETAP, Hivetap } from '../hivetap.js'

/** A port on loopback where nobody listens: each connect is refused, which is an event of tcpconnect. */
export const NOBODY = { address: '127.0.0.1', port: 1 }

/** How long something may take where the machine is busy. */
export const PATIENCE_MS = 120_000

/** What `hivetap audit -o json` says, as far as tests ask. */
export interface AuditSaid {
  readonly verdict: string
  readonly epochs: readonly EpochSaid[]
}

export interface EpochSaid {
  readonly epoch: string
  readonly verdict: string
  readonly state: string
  readonly produced: number
  readonly received: number
  readonly events: number
  readonly duplicates: number
  readonly lost: readonly {
    readonly reason: string
    readonly count: number
    readonly ranges: readonly (readonly [number, number])[]
  }[]
  readonly missing: number
  readonly under_way: number
  readonly tools: readonly {
    readonly tool: string
    readonly ended: boolean
    readonly produced: number
    readonly delivered: number
    readonly filtered: number
    readonly in_flight: number
    readonly dropped: Readonly<Record<string, number>>
  }[]
}

/** Runs a command of hivetap to its end. */
export async function hivetap(
  args: readonly string[],
): Promise<{ stdout: string; stderr: string; status: number }> {
  return promisify(execFile)(process.execPath, [HIVETAP, ...args], { maxBuffer: 64 << 20 }).then(
    ({ stdout, stderr }) => ({ stdout, stderr, status: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => ({ ...error, status: error.code }),
  )
}

/** Asks the command what stands on a topic. */
export async function auditTopic(
  brokers: readonly string[],
  topic: string,
): Promise<AuditSaid & { readonly status: number }> {
  // Long enough for a busy machine not to take an agent for silent that has just ended. What is missing is then under way.
  const args = ['audit', '--brokers', brokers.join(','), '--topic', topic, '--grace', '60s', '-o', 'json']
  const { stdout, stderr, status } = await hivetap(args)
  if (stdout === '') throw new Error(`the audit failed with ${status}: ${stderr}`)
  return { ...(JSON.parse(stdout) as AuditSaid), status }
}

/** The one epoch of an audit. */
export function onlyEpoch({ epochs }: AuditSaid): EpochSaid {
  const [epoch, ...others] = epochs
  if (epoch === undefined || others.length > 0)
    throw new Error(`one epoch was to be on the topic: ${JSON.stringify(epochs)}`)
  return epoch
}

/** What an epoch's sinks declared lost. */
export function lostOf({ lost }: EpochSaid): number {
  return lost.reduce((sum, { count }) => sum + count, 0)
}

/** What an epoch's tools lost in the kernel, or in front of the spool. */
export function droppedOf({ tools }: EpochSaid): number {
  return tools
    .flatMap(({ dropped }) => Object.values(dropped))
    .reduce((sum: number, count: number) => sum + count, 0)
}

/** What of the client's connects its tools saw: those of others are filtered. */
export function seenOf({ tools }: EpochSaid): number {
  return tools.reduce((sum, { produced, filtered }) => sum + produced - filtered, 0)
}

/** What an agent of a test is started with, beside its flags. */
export interface AgentStart {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly spoolDir: string
  readonly pid: number
  readonly tool?: string
  /** Of the process, besides what is set here. */
  readonly env?: NodeJS.ProcessEnv
}

/** Starts the command as it is installed. */
export function startAgent(start: AgentStart, more: readonly string[] = []): Hivetap {
  const { brokers, topic, spoolDir, pid, tool = 'tcpconnect', env = {} } = start
  const args = [
    ...['agent', '--tool', tool, '--pid', String(pid), '--spool-dir', spoolDir],
    ...['--kafka-brokers', brokers.join(','), '--kafka-topic', topic, ...more],
  ]
  return new Hivetap(args, { env })
}

/** Waits until an agent has said so, so many times. */
export function untilSaid(run: Hivetap, message: string, times = 1): Promise<void> {
  const isSaid = ({ stderr }: Hivetap) => stderr.split(message).length > times
  return run.until(isSaid, `"${message}"`, PATIENCE_MS)
}

/** Connects that go on beside a test. */
export class Load {
  readonly #done: Promise<void>
  #isOver = false
  /** Connects that were made so far. */
  made = 0

  /** @param atATime connects of a storm; one follows the other after a moment */
  constructor(client: Client, atATime: number, pauseMs = 20) {
    this.#done = this.#run(client, atATime, pauseMs)
    // Told when it is awaited.
    this.#done.catch(() => {})
  }

  /** Waits until so many more were made. */
  async more(count: number): Promise<void> {
    const wanted = this.made + count
    while (this.made < wanted && !this.#isOver) await sleep(10)
  }

  /** Makes no more. @returns how many there were */
  async end(): Promise<number> {
    this.#isOver = true
    await this.#done
    return this.made
  }

  async #run(client: Client, atATime: number, pauseMs: number): Promise<void> {
    while (!this.#isOver) {
      this.made += await client.storm(NOBODY, atATime)
      await sleep(pauseMs)
    }
  }
}

/** Where a spool that nobody has open ends: found in a copy, since opening one mends it. */
export async function spoolEnd(dir: string): Promise<SpoolEnd | undefined> {
  const copy = mkdtempSync(join(tmpdir(), 'hivetap-copy-'))
  try {
    cpSync(dir, copy, { recursive: true })
    const spool = openDiskSpool({
      dir: copy,
      maxBytes: 1 << 30,
      maxAgeMs: 7 * 86_400_000,
      segmentBytes: 16 << 20,
      policy: 'drop_oldest',
      readers: ['kafka'],
      fsync: 'never',
      fsyncIntervalMs: 1000,
    })
    const { end } = spool
    await spool.close()
    return end
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
