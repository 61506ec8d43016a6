import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Consumer } from '@platformatic/kafka'
import type { ConnectLines } from '../connect-lines.js'
import { Hivetap } from '../hivetap.js'
import type { KafkaCluster } from './cluster.js'
import { sendRecords, type TestRecord } from './send-values.js'

const PARTITIONS = 4
/** How long anything may take to come, on a machine that does much else. */
export const WAIT_MS = 120_000

const RULE = { kind: 'over', over: '100ms', window: '10s', min_connects: 3, min_bad: 2, resolve_after: 2 }

/** Runs of `hivetap detect` that read topics of a test's own, and what they are held against: the same from a file. */
export class DetectRig {
  readonly cluster: KafkaCluster
  readonly #directory = mkdtempSync(join(tmpdir(), 'hivetap-detect-'))
  readonly #rules: string
  #names = 0

  constructor(cluster: KafkaCluster) {
    this.cluster = cluster
    this.#rules = join(this.#directory, 'rules.yaml')
    const alerts = [{ type: 'stdout', format: 'json' }]
    writeFileSync(this.#rules, JSON.stringify({ rules: [RULE], lateness: '30s', alerts }))
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }

  async newTopic(): Promise<string> {
    const topic = `detect-${++this.#names}`
    await this.cluster.createTopic(topic, { partitions: PARTITIONS, configs: { 'retention.ms': '-1' } })
    return topic
  }

  /** A path of its own. */
  path(name: string): string {
    return join(this.#directory, `${++this.#names}-${name}`)
  }

  /** What is told of these lines in a file. */
  async fromFile(lines: readonly string[]): Promise<readonly string[]> {
    const file = this.path('events.json')
    writeFileSync(file, `${lines.join('\n')}\n`)
    const run = new Hivetap(['detect', '--file', file, '--rules', this.#rules])
    const { code } = await run.ended()
    if (code !== 0) throw new Error(run.stderr)
    return toldBy(run)
  }

  /** A run that reads a topic, in a group of the topic's name. */
  detect(topic: string, ...more: readonly string[]): Hivetap {
    return this.detectFrom(0, topic, ...more)
  }

  /** The same; that broker is the first of its list. */
  detectFrom(first: number, topic: string, ...more: readonly string[]): Hivetap {
    const { brokers } = this.cluster
    const list = [...brokers.slice(first), ...brokers.slice(0, first)].join(',')
    const where = ['--brokers', list, '--topic', topic, '--from-beginning']
    return new Hivetap(['detect', ...where, '--group', topic, '--rules', this.#rules, ...more])
  }

  /** Writes records; where brokers fail, once more, so that some may be there twice. */
  send(topic: string, records: readonly TestRecord[]): Promise<void> {
    return again(() => sendRecords(this.cluster.internalBrokers, topic, records))
  }

  /** The node that looks after the group of a topic. */
  async coordinator(topic: string): Promise<number> {
    const bootstrapBrokers = this.cluster.internalBrokers
    const consumer = new Consumer({ clientId: 'test', groupId: topic, bootstrapBrokers })
    try {
      return (await consumer.findGroupCoordinator()) - 1
    } finally {
      await consumer.close()
    }
  }

  /** Where a topic ends, over all partitions. */
  async ends(topic: string): Promise<number> {
    const partitions = Array.from({ length: PARTITIONS }, (_, partitionIndex) => ({
      partitionIndex,
      timestamp: -1n,
    }))
    const [found] = await again(() =>
      this.cluster.admin.listOffsets({ topics: [{ name: topic, partitions }] }),
    )
    return (found?.partitions ?? []).reduce((sum, { offset }) => sum + Number(offset), 0)
  }

  /** How far the group has committed, over all partitions. */
  async committed(topic: string): Promise<number> {
    const groups = [{ groupId: topic }]
    const [group] = await again(() => this.cluster.admin.listConsumerGroupOffsets({ groups }))
    const partitions = group?.topics.flatMap((each) => each.partitions) ?? []
    return partitions.reduce((sum, { committedOffset }) => sum + Number(committedOffset), 0)
  }
}

/** As a sink with a key for each host would: a partition's own are in order, and those of all are not. */
export function recordsOf({ lines, timesMs }: ConnectLines, from = 0, to = lines.length): TestRecord[] {
  return lines.slice(from, to).map((line, index) => ({
    partition: (from + index) % PARTITIONS,
    value: Buffer.from(line),
    timeMs: timesMs[from + index] ?? 0,
  }))
}

interface AlertLine {
  readonly alert_id: string
  readonly state: string
}

/** What was told, each once: id and state. */
export function toldBy(...runs: readonly Hivetap[]): readonly string[] {
  const ids = (run: Hivetap) =>
    run.lines
      .map((line) => JSON.parse(line) as AlertLine)
      .map(({ alert_id, state }) => `${alert_id} ${state}`)
  return [...new Set(runs.flatMap(ids))].sort()
}

/** Of what a run said at its end: lines that it read, connects that came again, and those that were late. */
export function countsOf({ stderr }: Hivetap) {
  const count = (pattern: RegExp) => Number(pattern.exec(stderr)?.[1] ?? 0)
  return {
    lines: count(/hivetap: (\d+) lines:/),
    copies: count(/(\d+) connects came again/),
    late: count(/(\d+) connects came when their window was closed/),
  }
}

/** Tries what brokers fail at while they are frozen, or others take over. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === 20) throw error
      await sleep(1000)
    }
  }
}

/** Waits until a condition holds, while a run goes on. */
export async function until(condition: () => Promise<boolean>, run: Hivetap): Promise<void> {
  const deadline = Date.now() + WAIT_MS
  while (!(await condition())) {
    if (Date.now() > deadline || run.hasEnded) throw new Error(`waited in vain: ${run.stderr}`)
    await sleep(200)
  }
}
