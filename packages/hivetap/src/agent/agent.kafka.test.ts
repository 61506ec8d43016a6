import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { Client } from '../../../../test/support/client.js'
import type { Hivetap } from '../../../../test/support/hivetap.js'
import {
  auditTopic,
  type EpochSaid,
  Load,
  lostOf,
  NOBODY,
  onlyEpoch,
  seenOf,
  startAgent,
  untilSaid,
} from '../../../../test/support/kafka/agent-to-topic.js'
import { type KafkaCluster, startCluster } from '../../../../test/support/kafka/cluster.js'
import { describeKernel } from '../../../../test/support/kernel.js'

const PATIENCE = 240_000
/** Only the last account is told, so that what an epoch holds beside events is known: it began, its account, it ended. */
const QUIET = ['--account-interval', '1h']
const BESIDE_EVENTS = 3

let cluster: KafkaCluster
let client: Client
let pid: number
let spoolDir: string
let topic: string
let topics = 0
const runs: Hivetap[] = []

/** Starts an agent for the client alone; it is killed when the test has ended, if it still runs. */
function start(more: readonly string[] = [], tool?: string): Hivetap {
  const run = startAgent(
    { brokers: cluster.brokers, topic, spoolDir, pid, ...(tool === undefined ? {} : { tool }) },
    more,
  )
  runs.push(run)
  return run
}

/** Ends an agent that is to have delivered all. */
async function endWhole(run: Hivetap): Promise<void> {
  expect(await run.end(), run.stderr).toEqual({ code: 0, signal: null })
  expect(run.stderr).toContain('ledger: all was delivered')
}

/** An epoch that ended, of which all that the test made is there. */
function expectAll(epoch: EpochSaid, made: number): void {
  expect(epoch).toMatchObject({ verdict: 'proven', state: 'ended', missing: 0, under_way: 0, lost: [] })
  expect({ events: epoch.events, seen: seenOf(epoch) }).toEqual({ events: made, seen: made })
  expect(epoch.received).toBe(epoch.produced)
}

const audit = () => auditTopic(cluster.internalBrokers, topic)

describeKernel('hivetap agent to a broker', () => {
  beforeAll(async () => {
    cluster = await startCluster({ proxied: true })
  })
  afterAll(() => cluster.close())

  beforeEach(async () => {
    client = new Client()
    pid = (await client.who()).pid
    spoolDir = mkdtempSync(join(tmpdir(), 'hivetap-spool-'))
    topic = `agent-${++topics}`
  })
  afterEach(async () => {
    client.stop()
    await Promise.all(runs.splice(0).map((run) => run.kill()))
    cluster.proxies[0]?.set({ kind: 'none' })
    rmSync(spoolDir, { recursive: true, force: true })
  })

  it('delivers by the shortest command line, and says what it does', { timeout: PATIENCE }, async () => {
    await cluster.createTopic(topic, { partitions: 3 })
    const run = start([], 'tcpconnlat')
    await untilSaid(run, 'recording')
    const listener = await client.listen('127.0.0.1', { backlog: 4096 })
    for (let count = 0; count < 200; count++) await client.close((await client.connect(listener)).fd)
    await untilSaid(run, 'sink is up')
    await endWhole(run)
    expect(run.stderr).toMatch(/"tool":"tcpconnlat".*"message":"attached"/)
    expect(run.stderr).toMatch(/ledger: .*200 told/)
    const said = await audit()
    expect(said).toMatchObject({ verdict: 'proven', status: 0 })
    expectAll(onlyEpoch(said), 200)
  })

  it('loses nothing while the broker is away', { timeout: PATIENCE }, async () => {
    await cluster.createTopic(topic, { partitions: 3 })
    const run = start()
    await untilSaid(run, 'recording')
    const load = new Load(client, 20)
    await untilSaid(run, 'sink is up')
    await load.more(200)
    await cluster.stop(0)
    await untilSaid(run, 'sink is down')
    await sleep(15_000)
    await cluster.restart(0)
    await untilSaid(run, 'sink is up', 2)
    await load.more(200)
    const made = await load.end()
    await endWhole(run)
    expect(run.stderr).toMatch(/"up_since":"\d{4}-.*"message":"sink is down/)
    expect(run.stderr).toMatch(/"down_since":"\d{4}-.*"message":"sink is up"/)
    const said = await audit()
    expect(said).toMatchObject({ verdict: 'proven', status: 0 })
    expectAll(onlyEpoch(said), made)
  })

  it('delivers to a topic that is created after it began', { timeout: PATIENCE }, async () => {
    const run = start()
    await untilSaid(run, 'recording')
    const made = await client.storm(NOBODY, 500)
    await untilSaid(run, 'sink is down')
    await sleep(5000)
    await cluster.createTopic(topic, { partitions: 2 })
    await untilSaid(run, 'sink is up')
    await endWhole(run)
    const said = await audit()
    expect(said).toMatchObject({ verdict: 'proven', status: 0 })
    expectAll(onlyEpoch(said), made)
  })

  it('declares what a spool that is too small gave up', { timeout: PATIENCE }, async () => {
    await cluster.createTopic(topic)
    cluster.proxies[0]?.set({ kind: 'refuse' })
    const small = ['--spool-max-bytes', '1MiB', '--spool-segment-bytes', '128KiB']
    const run = start([...QUIET, ...small])
    await untilSaid(run, 'recording')
    let made = 0
    for (let count = 0; count < 20; count++) {
      made += await client.storm(NOBODY, 300)
      await sleep(150)
    }
    cluster.proxies[0]?.set({ kind: 'none' })
    await untilSaid(run, 'sink is up')
    await endWhole(run)
    const said = await audit()
    expect(said).toMatchObject({ verdict: 'proven', status: 0 })
    const epoch = onlyEpoch(said)
    expect(epoch).toMatchObject({ state: 'ended', missing: 0, under_way: 0, duplicates: 0 })
    expect(epoch.lost.map(({ reason }) => reason)).toEqual(['spool_full'])
    expect(seenOf(epoch)).toBe(made)
    expect(epoch.produced).toBe(made + BESIDE_EVENTS)
    expect(epoch.received + lostOf(epoch)).toBe(epoch.produced)
    // What stands first is given up first: that it began is lost with the events.
    expect(epoch.lost[0]?.ranges[0]?.[0]).toBe(0)
    expect(lostOf(epoch)).toBe(made - epoch.events + 1)
    expect(epoch.events).toBeGreaterThan(0)
  })

  it('declares what was damaged in the spool between two runs', { timeout: PATIENCE }, async () => {
    await cluster.createTopic(topic)
    cluster.proxies[0]?.set({ kind: 'refuse' })
    const first = start([...QUIET, '--shutdown-timeout', '1s'])
    await untilSaid(first, 'recording')
    let made = 0
    for (let count = 0; count < 10; count++) {
      made += await client.storm(NOBODY, 50)
      await sleep(300)
    }
    expect(await first.end(), first.stderr).toEqual({ code: 0, signal: null })
    expect(first.stderr).toContain('not all was delivered in time')
    const [segment = ''] = readdirSync(spoolDir).filter((name) => name.endsWith('.seg'))
    const path = join(spoolDir, segment)
    const bytes = readFileSync(path)
    for (const part of [0.3, 0.7]) {
      const at = Math.floor(bytes.length * part)
      bytes[at] = (bytes[at] ?? 0) ^ 0x10
    }
    writeFileSync(path, bytes)
    cluster.proxies[0]?.set({ kind: 'none' })
    const second = start(QUIET)
    await untilSaid(second, 'sink is up')
    const madeLater = await client.storm(NOBODY, 100)
    await endWhole(second)
    const said = await audit()
    expect(said).toMatchObject({ verdict: 'proven', status: 0 })
    const [damaged, whole, ...others] = said.epochs
    if (damaged === undefined || whole === undefined) throw new Error(JSON.stringify(said))
    expect(others).toEqual([])
    expectAll(whole, madeLater)
    expect(damaged).toMatchObject({ state: 'ended', missing: 0, under_way: 0 })
    expect(damaged.lost.map(({ reason }) => reason)).toEqual(['spool_damaged'])
    expect(seenOf(damaged)).toBe(made)
    expect(damaged.produced).toBe(made + BESIDE_EVENTS)
    expect(damaged.received + lostOf(damaged)).toBe(damaged.produced)
    // The bits stand in the midst of events.
    expect(lostOf(damaged)).toBe(made - damaged.events)
  })
})
