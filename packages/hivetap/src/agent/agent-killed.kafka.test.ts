import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bpffs, canMountBpffs, mountedBpffs } from '../../../../test/support/bpffs.js'
import { Client } from '../../../../test/support/client.js'
import type { Hivetap } from '../../../../test/support/hivetap.js'
import {
  auditTopic,
  droppedOf,
  hivetap,
  Load,
  lostOf,
  onlyEpoch,
  seenOf,
  spoolEnd,
  startAgent,
  untilSaid,
} from '../../../../test/support/kafka/agent-to-topic.js'
import { type KafkaCluster, startCluster } from '../../../../test/support/kafka/cluster.js'
import { describeKernel } from '../../../../test/support/kernel.js'

/** How often an agent is killed: more by hand. */
const KILLS = Number(process.env['HIVETAP_KILLS'] ?? 10)
const PATIENCE = 120_000 + KILLS * 15_000
/** How long one lives at most, from when it was started, or from when it records. */
const LIVES_MS = 2000
/** How long one lives at most that is killed as it begins: about until its first record is in the spool. */
const BEGINS_MS = 800

let cluster: KafkaCluster
let client: Client
let pid: number
let spoolDir: string
let topic: string
let topics = 0
const runs: Hivetap[] = []

function start(more: readonly string[] = []): Hivetap {
  const run = startAgent({ brokers: cluster.brokers, topic, spoolDir, pid }, more)
  runs.push(run)
  return run
}

/**
 * Starts an agent as often as asked, and kills each at a moment that is left to chance: two of three from when it began to
 * record, the others also as they start.
 */
async function killRuns(times: number, more: readonly string[] = [], after = () => Promise.resolve()) {
  for (let count = 0; count < times; count++) {
    const run = start(more)
    if (count % 3 < 2) await untilSaid(run, 'recording')
    await sleep(Math.random() * LIVES_MS)
    expect(run.child.exitCode, run.stderr).toBeNull()
    await run.kill()
    await after()
  }
}

/** One that delivers what the others left behind. */
async function runToTheEnd(more: readonly string[] = []): Promise<Hivetap> {
  const run = start(more)
  await untilSaid(run, 'recording')
  await untilSaid(run, 'sink is up')
  return run
}

const audit = () => auditTopic(cluster.internalBrokers, topic)

describeKernel('hivetap agent, killed', () => {
  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(() => cluster.close())

  beforeEach(async () => {
    client = new Client()
    pid = (await client.who()).pid
    spoolDir = mkdtempSync(join(tmpdir(), 'hivetap-spool-'))
    topic = `killed-${++topics}`
    await cluster.createTopic(topic, { partitions: 3 })
  })
  afterEach(async () => {
    client.stop()
    await Promise.all(runs.splice(0).map((run) => run.kill()))
    rmSync(spoolDir, { recursive: true, force: true })
  })

  it(`loses nothing that the spool had accepted, killed ${KILLS} times`, { timeout: PATIENCE }, async () => {
    /** How far the spool had come in each epoch, as was found in it after each kill. */
    const accepted = new Map<string, number>()
    const load = new Load(client, 20)
    await killRuns(KILLS, [], async () => {
      const end = await spoolEnd(spoolDir)
      if (end !== undefined) accepted.set(end.epoch, end.nextSequence)
    })
    const made = await load.end()
    const last = await runToTheEnd()
    const madeLast = await client.storm({ address: '127.0.0.1', port: 1 }, 100)
    expect(await last.end(), last.stderr).toEqual({ code: 0, signal: null })
    const said = await audit()
    const told = said.epochs.filter(({ state }) => state === 'ended')
    expect(told, JSON.stringify(told)).toMatchObject([
      { verdict: 'proven', events: madeLast, lost: [], missing: 0, under_way: 0 },
    ])
    const cut = said.epochs.filter((epoch) => !told.includes(epoch))
    for (const epoch of cut)
      expect(epoch).toMatchObject({
        state: 'cut',
        verdict: 'without_account',
        lost: [],
        missing: 0,
        under_way: 0,
      })
    const received = cut.filter((epoch) => epoch.received > 0)
    expect(new Map(received.map((epoch) => [epoch.epoch, epoch.received]))).toEqual(accepted)
    expect(received.reduce((sum, { events }) => sum + events, 0)).toBeLessThanOrEqual(made)
    expect(accepted.size).toBeGreaterThanOrEqual(Math.floor(KILLS / 3))
    expect(cut.length).toBeGreaterThanOrEqual(accepted.size)
    expect(said).toMatchObject({ verdict: 'without_account', status: 4 })
  })

  describe.skipIf(!canMountBpffs())('with what is pinned', () => {
    let bpffs: Bpffs
    beforeEach(() => {
      bpffs = mountedBpffs()
    })
    afterEach(() => bpffs.close())

    it(`accounts for each connect, killed ${KILLS} times`, { timeout: PATIENCE }, async () => {
      const pinned = ['--pin', 'true', '--pin-directory', join(bpffs.path, 'hivetap')]
      // From when it is attached on all is seen, whoever is there to read it.
      const first = await startPinned(pinned)
      const load = new Load(client, 20)
      await sleep(Math.random() * 1000)
      await first.kill()
      await killRuns(KILLS - 1, pinned)
      await provesAll(load, pinned)
    })

    it(`accounts for each connect, killed ${KILLS} times as it begins`, { timeout: PATIENCE }, async () => {
      const directory = join(bpffs.path, 'hivetap')
      const pinned = ['--pin', 'true', '--pin-directory', directory]
      const first = start(pinned)
      await untilPinned(directory)
      const load = new Load(client, 20)
      await first.kill()
      expect(await spoolEnd(spoolDir)).toBeUndefined()
      for (let count = 1; count < KILLS; count++) {
        const run = start(pinned)
        await sleep(Math.random() * BEGINS_MS)
        expect(run.child.exitCode, run.stderr).toBeNull()
        await run.kill()
      }
      await provesAll(load, pinned)
    })

    /** Ends the load, has one more run deliver what is there, and holds the topic against what the client did. */
    async function provesAll(load: Load, pinned: readonly string[]): Promise<void> {
      await load.more(100)
      const made = await load.end()
      const last = await runToTheEnd(pinned)
      expect(await last.end(), last.stderr).toEqual({ code: 0, signal: null })
      expect(last.stderr).toContain('nothing was missed')
      const said = await audit()
      expect(said).toMatchObject({ verdict: 'proven', status: 0 })
      const epoch = onlyEpoch(said)
      expect(epoch).toMatchObject({ state: 'running', missing: 0, under_way: 0 })
      expect(epoch.received + lostOf(epoch)).toBe(epoch.produced)
      expect(seenOf(epoch)).toBe(made)
      expect(epoch.events + lostOf(epoch) + droppedOf(epoch)).toBe(made)
      const unpinned = await hivetap(['unpin', '--directory', join(bpffs.path, 'hivetap')])
      expect(unpinned).toMatchObject({ status: 0, stderr: '' })
      expect(unpinned.stdout).toContain('In the buffer were 0 events that were not read.')
    }
  })
})

/** Resolves when all tools are pinned: from then on nothing is missed. */
async function untilPinned(directory: string): Promise<void> {
  while (!existsSync(join(directory, 'run'))) await sleep(1)
}

async function startPinned(pinned: readonly string[]): Promise<Hivetap> {
  const run = start(pinned)
  await untilSaid(run, 'sink is up')
  return run
}
