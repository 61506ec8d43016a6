import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ConnectLines, connectLines } from '../../../../../test/support/connect-lines.js'
import type { Hivetap } from '../../../../../test/support/hivetap.js'
import { startCluster } from '../../../../../test/support/kafka/cluster.js'
import {
  countsOf,
  DetectRig,
  recordsOf,
  toldBy,
  until,
  WAIT_MS,
} from '../../../../../test/support/kafka/detect-rig.js'

const LAST_YEAR = Date.UTC(2025, 10, 1)
/** Longer than it takes until others lead what a broker led that does not answer. */
const FROZEN_MS = 12_000
const PIECE = 1500
/** Each way. */
const SLOW_MS = 4000

let rig: DetectRig
beforeAll(async () => {
  rig = new DetectRig(await startCluster({ nodes: 3, proxied: true }))
})
afterAll(async () => {
  await rig.cluster.close()
  rig.close()
})

/** Sends events piece by piece; between the pieces, something happens. */
class Feed {
  readonly events: ConnectLines
  readonly topic: string
  #sent = 0

  /** @param stepMs from event to event, in their own time */
  constructor(topic: string, count = 12_000, stepMs = 100) {
    this.topic = topic
    this.events = connectLines(count, LAST_YEAR, stepMs)
  }

  get isAtEnd(): boolean {
    return this.#sent === this.events.lines.length
  }

  async piece(count = PIECE): Promise<void> {
    const from = this.#sent
    this.#sent = Math.min(from + count, this.events.lines.length)
    await rig.send(this.topic, recordsOf(this.events, from, this.#sent))
  }

  async rest(): Promise<void> {
    while (!this.isAtEnd) await this.piece()
  }
}

/** Runs to its end, and holds what it told against what the same lines in a file tell. */
async function expectAll(run: Hivetap, feed: Feed): Promise<void> {
  const expected = await rig.fromFile(feed.events.lines)
  await run.until(() => toldBy(run).length >= expected.length - 1, 'alerts', WAIT_MS)
  const all = await rig.ends(feed.topic)
  await until(async () => (await rig.committed(feed.topic)) > 0, run)
  // The last may still be on their way.
  await sleep(3000)
  expect(await run.end('SIGTERM'), run.stderr).toEqual({ code: 0, signal: null })
  // What the end of a file tells of windows that are open, time still has to tell here.
  expect(expected).toEqual(expect.arrayContaining([...toldBy(run)]))
  const { lines, copies, late } = countsOf(run)
  expect({ lines, late }).toEqual({ lines: all, late: 0 })
  expect(lines - copies).toBe(feed.events.lines.length)
  expect(run.lines).toHaveLength(toldBy(run).length)
  expect(await rig.committed(feed.topic)).toBe(all)
}

/**
 * Does something to the brokers and to what they hold while a topic is read; then holds what was told against all that was sent.
 *
 * @param first events that are read before
 */
async function survives(
  fault: (feed: Feed) => Promise<void>,
  { count, first }: { readonly count?: number; readonly first?: number } = {},
): Promise<void> {
  const topic = await rig.newTopic()
  const feed = new Feed(topic, count)
  await feed.piece(first)
  const run = rig.detect(topic, '--state', rig.path('state'))
  try {
    await until(async () => (await rig.committed(topic)) > 0, run)
    await fault(feed)
    await feed.rest()
    await expectAll(run, feed)
  } finally {
    rig.cluster.setProxies({ kind: 'none' })
    await run.kill()
  }
}

describe('hivetap detect of a topic loses nothing and judges nothing twice', () => {
  it(
    'when the broker of its group and a leader of its partitions are killed',
    () =>
      survives(async (feed) => {
        const coordinator = await rig.coordinator(feed.topic)
        await rig.cluster.kill(coordinator)
        await feed.piece()
        await feed.piece()
        await rig.cluster.restart(coordinator)
        await feed.piece()
        const leader = (await rig.cluster.leaders(feed.topic))[0] ?? 0
        await rig.cluster.kill(leader)
        await feed.piece()
        await sleep(5000)
        await rig.cluster.restart(leader)
      }),
    400_000,
  )

  it(
    'when a broker is frozen, and answers again',
    () =>
      survives(async (feed) => {
        // The test's own client asks the first of its list alone, which takes connections though it is frozen.
        const frozen = (await rig.cluster.leaders(feed.topic)).find((leader) => leader !== 0) ?? 1
        rig.cluster.freeze(frozen)
        try {
          await sleep(FROZEN_MS)
          await feed.piece()
        } finally {
          rig.cluster.thaw(frozen)
        }
      }),
    400_000,
  )

  it(
    'when a broker answers slowly: what the others bring meanwhile does not end windows without it',
    () =>
      survives(
        async (feed) => {
          const slow = (await rig.cluster.leaders(feed.topic))[2] ?? 0
          rig.cluster.proxies[slow]?.set({ kind: 'delay', milliseconds: SLOW_MS })
          // Of each second, more than ten of the events' time: an answer of the slow one is behind by more than the lateness.
          while (!feed.isAtEnd) {
            await feed.piece(80)
            await sleep(500)
          }
          // An answer that is on its way, and the one that is asked for then; each may follow on a failure.
          await sleep(8 * SLOW_MS)
          rig.cluster.setProxies({ kind: 'none' })
        },
        { count: 4000, first: 100 },
      ),
    400_000,
  )

  it('when a broker answers slowly, and the others have hours to be read: they wait', async () => {
    const topic = await rig.newTopic()
    // More windows than may wait to be judged.
    const feed = new Feed(topic, 48_000, 300)
    await feed.rest()
    // It does not look after the group: to join would take most of the time. It is the first of its list: whoever asked it alone
    // what any broker can tell would need minutes to begin.
    const coordinator = await rig.coordinator(topic)
    const slow = (await rig.cluster.leaders(topic)).find((leader) => leader !== coordinator) ?? 0
    rig.cluster.proxies[slow]?.set({ kind: 'delay', milliseconds: SLOW_MS })
    const run = rig.detectFrom(slow, topic, '--state', rig.path('state'))
    try {
      const expected = await rig.fromFile(feed.events.lines)
      await run.until(() => toldBy(run).length >= expected.length - 1, 'alerts', WAIT_MS)
      rig.cluster.setProxies({ kind: 'none' })
      await expectAll(run, feed)
      expect(run.stderr).toMatch(/partitions that were ahead waited \d+ times for others, \d+\.\d s together/)
    } finally {
      rig.cluster.setProxies({ kind: 'none' })
      await run.kill()
    }
  }, 400_000)

  it(
    'when what comes over the wire is spoilt, and connections are cut again and again',
    () =>
      survives(async (feed) => {
        for (const bytes of [Buffer.alloc(64, 0xff), Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')]) {
          rig.cluster.setProxies({ kind: 'garbage', bytes })
          await feed.piece()
          await sleep(3000)
          rig.cluster.setProxies({ kind: 'none' })
          await feed.piece()
        }
        rig.cluster.setProxies({ kind: 'cut_answers', afterBytes: 70_000 })
        await feed.rest()
        await sleep(8000)
        rig.cluster.setProxies({ kind: 'none' })
      }),
    400_000,
  )

  it.each(['leaves', 'is killed'])(
    'when another member joins and %s under load',
    async (how) => {
      const topic = await rig.newTopic()
      const feed = new Feed(topic, 40_000)
      await feed.piece()
      const first = rig.detect(topic, '--state', rig.path('state'))
      let second: Hivetap | undefined
      try {
        await until(async () => (await rig.committed(topic)) > 0, first)
        const other = rig.detect(topic, '--state', rig.path('state'))
        second = other
        while (!other.stderr.includes('of 4')) {
          await feed.piece(400)
          await sleep(500)
        }
        // While there are two, both commit all the time: this they have read together.
        await feed.piece()
        const joint = await rig.ends(topic)
        await until(async () => (await rig.committed(topic)) >= joint, first)
        await feed.piece()
        const ending = how === 'leaves' ? other.end('SIGTERM') : other.kill()
        await feed.rest()
        await ending
        const all = await rig.ends(topic)
        await first.until(() => first.stderr.split('partitions: all of 4').length === 3, 'back', WAIT_MS)
        await sleep(8000)
        expect(await first.end('SIGTERM'), first.stderr).toEqual({ code: 0, signal: null })
        const [one, two] = [countsOf(first), countsOf(other)]
        expect(one.late + two.late).toBe(0)
        if (how === 'leaves') {
          expect(one.lines + two.lines).toBe(all)
          expect(two.lines).toBeGreaterThan(0)
          expect(other.child).toMatchObject({ exitCode: 0, signalCode: null })
        }
        expect(await rig.committed(topic)).toBe(all)
      } finally {
        await first.kill()
        await second?.kill()
      }
    },
    400_000,
  )

  it('when it is killed again and again, though it looks at some again', async () => {
    const topic = await rig.newTopic()
    const feed = new Feed(topic)
    const state = rig.path('state')
    const expected = await rig.fromFile(feed.events.lines)
    const runs: Hivetap[] = []
    try {
      for (let index = 0; index < 4; index++) {
        const run = rig.detect(topic, '--state', state)
        runs.push(run)
        await run.until(() => run.stderr.includes('of 4'), 'joined', WAIT_MS)
        const before = toldBy(...runs).length
        for (let piece = 0; piece < 2; piece++) await feed.piece()
        // At whatever it does then: mostly an alert is just out.
        await run.until(() => toldBy(...runs).length > before, 'alerts', WAIT_MS)
        await run.kill()
      }
      const last = rig.detect(topic, '--state', state)
      runs.push(last)
      await last.until(() => toldBy(...runs).length >= expected.length - 1, 'alerts', WAIT_MS)
      expect(await last.end('SIGTERM'), last.stderr).toEqual({ code: 0, signal: null })
      expect(expected).toEqual(expect.arrayContaining([...toldBy(...runs)]))
      expect(countsOf(last).late).toBe(0)
      expect(await rig.committed(topic)).toBe(await rig.ends(topic))
    } finally {
      for (const run of runs) await run.kill()
    }
  }, 400_000)
})
