import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { BrokenHost } from '../../../../test/support/broken-host.js'
import { Client } from '../../../../test/support/client.js'
import { hasCommand } from '../../../../test/support/commands.js'
import type { Hivetap } from '../../../../test/support/hivetap.js'
import {
  auditTopic,
  Load,
  lostOf,
  NOBODY,
  onlyEpoch,
  seenOf,
  startAgent,
  untilSaid,
} from '../../../../test/support/kafka/agent-to-topic.js'
import { type KafkaCluster, startCluster } from '../../../../test/support/kafka/cluster.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { type HealthAnswer, readHealth } from './service/read-health.js'

const PATIENCE = 240_000
/** Only the last account is told: what an epoch holds beside events is known. */
const QUIET = ['--account-interval', '1h']
const BESIDE_EVENTS = 3

let cluster: KafkaCluster
let client: Client
let host: BrokenHost
let pid: number
let topic: string
let topics = 0
let directory: string
const runs: Hivetap[] = []

function start(more: readonly string[] = []): Hivetap {
  const { brokers } = cluster
  const asked = [...QUIET, '--health-socket', socket(), ...more]
  const run = startAgent({ brokers, topic, spoolDir: host.disk, pid, env: host.env }, asked)
  runs.push(run)
  return run
}

const socket = () => join(directory, 'health.sock')

/** What `hivetap health` says, once it is so. */
async function healthOnce(isSo: (health: HealthAnswer) => boolean): Promise<HealthAnswer> {
  const until = performance.now() + 60_000
  for (;;) {
    const health = await readHealth(socket())
    if (isSo(health) || performance.now() > until) return health
    await sleep(100)
  }
}

/** Whether its health names the disk as failing. */
const isFailing = ({ text }: HealthAnswer) => text.includes('the disk of the spool fails')

/** Faults of the disk that an agent told, by task. */
function faultsOf({ record }: HealthAnswer): Record<string, unknown> {
  const state = record?.state as { spool: { faults: { task: string }[] } } | undefined
  return Object.fromEntries(state?.spool.faults.map((fault) => [fault.task, fault]) ?? [])
}

const audit = () => auditTopic(cluster.internalBrokers, topic)

describeKernelIf(hasCommand('gcc'))('hivetap agent whose disk fails', () => {
  beforeAll(async () => {
    cluster = await startCluster({ proxied: true })
  })
  afterAll(() => cluster.close())
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'hivetap-disk-'))
    client = new Client()
    host = new BrokenHost()
    pid = (await client.who()).pid
    topic = `disk-${++topics}`
    await cluster.createTopic(topic)
  })
  afterEach(async () => {
    client.stop()
    await Promise.all(runs.splice(0).map((run) => run.kill()))
    cluster.proxies[0]?.set({ kind: 'none' })
    host.close()
    rmSync(directory, { recursive: true })
  })

  it('declares what it could not write, says so once, and goes on', { timeout: PATIENCE }, async () => {
    const run = start()
    await untilSaid(run, 'recording')
    const load = new Load(client, 20)
    await untilSaid(run, 'sink is up')
    await load.more(200)
    host.breakDisk({ writes: true })
    await untilSaid(run, 'the disk of the spool fails')
    const failing = await healthOnce(isFailing)
    expect(failing.healthy).toBe(true)
    expect(failing.text).toMatch(/^degraded: .*the disk of the spool fails, since 20.* in all: cannot write/)
    expect(failing.text).toContain(`${host.disk}/`)
    const write = {
      task: 'write',
      path: expect.stringContaining(host.disk),
      error: expect.stringMatching(/^EIO/),
    }
    expect(faultsOf(failing)).toMatchObject({ write: { ...write, failing: true } })
    await load.more(400)
    host.breakDisk({})
    await untilSaid(run, 'the disk of the spool works again')
    const well = await healthOnce((health) => !isFailing(health))
    expect(well.text).toMatch(/^healthy: /)
    expect(faultsOf(well)).toMatchObject({ write: { ...write, failing: false } })
    await load.more(200)
    const made = await load.end()
    expect(host.failed).toBeGreaterThan(0)
    expect(await run.end(), run.stderr).toEqual({ code: 0, signal: null })
    expect(run.stderr.split('the disk of the spool fails')).toHaveLength(2)
    expect(run.stderr).toMatch(/"level":"error".*EIO.*the disk of the spool fails/)
    const said = await audit()
    expect(said).toMatchObject({ verdict: 'proven', status: 0 })
    const epoch = onlyEpoch(said)
    expect(epoch).toMatchObject({ state: 'ended', missing: 0, under_way: 0 })
    expect(epoch.lost.map(({ reason }) => reason)).toEqual(['spool_failed'])
    expect(seenOf(epoch)).toBe(made)
    expect(epoch.produced).toBe(made + BESIDE_EVENTS)
    expect(epoch.received + lostOf(epoch)).toBe(epoch.produced)
    expect(lostOf(epoch)).toBe(made - epoch.events)
  })

  it('with policy block, waits for its disk and loses nothing in it', { timeout: PATIENCE }, async () => {
    const run = start(['--spool-policy', 'block'])
    await untilSaid(run, 'recording')
    let made = await client.storm(NOBODY, 100)
    await untilSaid(run, 'sink is up')
    host.breakDisk({ writes: true })
    made += await client.storm(NOBODY, 100)
    await untilSaid(run, 'the disk of the spool fails')
    host.breakDisk({})
    await untilSaid(run, 'the disk of the spool works again')
    made += await client.storm(NOBODY, 100)
    expect(await run.end(), run.stderr).toEqual({ code: 0, signal: null })
    const said = await audit()
    expect(said).toMatchObject({ verdict: 'proven', status: 0 })
    expect(onlyEpoch(said)).toMatchObject({ state: 'ended', events: made, lost: [], missing: 0 })
  })

  it('declares what it could not read back', { timeout: PATIENCE }, async () => {
    cluster.proxies[0]?.set({ kind: 'refuse' })
    // More than a delivery reads ahead, in files that are small: most of it is read once the broker is there.
    const small = ['--spool-segment-bytes', '128KiB', '--queue-sink-bytes', '64KiB']
    const first = start([...small, '--shutdown-timeout', '1s'])
    await untilSaid(first, 'recording')
    let made = 0
    for (let count = 0; count < 20; count++) {
      made += await client.storm(NOBODY, 300)
      await sleep(150)
    }
    expect(await first.end(), first.stderr).toEqual({ code: 0, signal: null })
    const second = start(small)
    await untilSaid(second, 'recording')
    host.breakDisk({ reads: true })
    cluster.proxies[0]?.set({ kind: 'none' })
    await untilSaid(second, 'the disk of the spool fails')
    host.breakDisk({})
    expect(await second.end(), second.stderr).toEqual({ code: 0, signal: null })
    const said = await audit()
    // Its last account is among what could not be read.
    expect(said).toMatchObject({ verdict: 'without_account', status: 4 })
    const [unread, told] = said.epochs
    if (unread === undefined) throw new Error(JSON.stringify(said))
    expect(unread).toMatchObject({ missing: 0, under_way: 0 })
    expect(unread.lost.map(({ reason }) => reason)).toEqual(['spool_damaged'])
    expect(unread.produced).toBe(made + BESIDE_EVENTS)
    expect(unread.received + lostOf(unread)).toBe(unread.produced)
    expect(told).toMatchObject({ verdict: 'proven', state: 'ended', missing: 0 })
  })

  it('declares what somebody removed of its spool, says which file, and goes on', {
    timeout: PATIENCE,
  }, async () => {
    cluster.proxies[0]?.set({ kind: 'refuse' })
    const small = ['--spool-segment-bytes', '128KiB', '--queue-sink-bytes', '64KiB']
    const run = start(small)
    await untilSaid(run, 'recording')
    let made = 0
    const segments = () => readdirSync(host.disk).filter((name) => name.endsWith('.seg'))
    // More than is kept in memory beside. How much stands in one depends on how busy the machine is.
    while (segments().length <= 45) {
      made += await client.storm(NOBODY, 500)
      await sleep(50)
    }
    const removed = segments().toSorted()[4] ?? ''
    rmSync(join(host.disk, removed))
    cluster.proxies[0]?.set({ kind: 'none' })
    await untilSaid(run, 'the disk of the spool fails')
    const { text } = await healthOnce(isFailing)
    expect(text).toMatch(
      /cannot read .*ENOENT.*; somebody else removed it: leave the files of a spool to the agent/,
    )
    expect(text).toContain(join(host.disk, removed))
    made += await client.storm(NOBODY, 100)
    await untilSaid(run, 'the disk of the spool works again')
    expect((await healthOnce((health) => !isFailing(health))).text).toMatch(/^healthy: /)
    expect(await run.end(), run.stderr).toEqual({ code: 0, signal: null })
    const said = await audit()
    expect(said).toMatchObject({ verdict: 'proven', status: 0 })
    const epoch = onlyEpoch(said)
    expect(epoch.lost.map(({ reason }) => reason)).toEqual(['spool_damaged'])
    expect(epoch.produced).toBe(made + BESIDE_EVENTS)
    expect(epoch.received + lostOf(epoch)).toBe(epoch.produced)
  })

  it('says that what it accepted may not outlive the host', { timeout: PATIENCE }, async () => {
    const run = start(['--spool-fsync', 'always'])
    await untilSaid(run, 'recording')
    host.breakDisk({ syncs: true })
    let made = await client.storm(NOBODY, 100)
    await untilSaid(run, 'the disk of the spool fails')
    host.breakDisk({})
    made += await client.storm(NOBODY, 100)
    await untilSaid(run, 'the disk of the spool works again')
    expect(await run.end(), run.stderr).toEqual({ code: 0, signal: null })
    const said = await audit()
    expect(said).toMatchObject({ verdict: 'proven', status: 0 })
    expect(onlyEpoch(said)).toMatchObject({ events: made, lost: [], missing: 0 })
  })

  it('does not start on a disk that cannot be read, and says why', { timeout: PATIENCE }, async () => {
    const first = start()
    await untilSaid(first, 'recording')
    expect(await first.end()).toEqual({ code: 0, signal: null })
    host.breakDisk({ reads: true })
    const second = start()
    expect(await second.ended()).toEqual({ code: 1, signal: null })
    expect(second.stderr).toMatch(/EIO/)
    expect(second.stderr).toContain(host.disk)
    expect(second.stderr).not.toMatch(/^ {4}at /m)
  })
})
