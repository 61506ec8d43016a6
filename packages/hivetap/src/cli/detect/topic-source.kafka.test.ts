import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectLines } from '../../../../../test/support/connect-lines.js'
import type { Hivetap } from '../../../../../test/support/hivetap.js'
import { startCluster } from '../../../../../test/support/kafka/cluster.js'
import { DetectRig, recordsOf, toldBy, until, WAIT_MS } from '../../../../../test/support/kafka/detect-rig.js'
import type { TestRecord } from '../../../../../test/support/kafka/send-values.js'
import { spoilBatch } from '../../../../../test/support/kafka/spoil-batch.js'
import { protobufEncoder } from '../../sinks/kafka/protobuf-value.js'

/** Of a replay: no clock goes on in it. */
const LAST_YEAR = Date.UTC(2025, 10, 1)
/** What is there is read by then; nothing tells it. */
const READING_MS = 4000

let rig: DetectRig
beforeAll(async () => {
  rig = new DetectRig(await startCluster({ proxied: true }))
})
afterAll(async () => {
  await rig.cluster.close()
  rig.close()
})

describe('hivetap detect of a topic', () => {
  it('tells what it tells of the same events in a file, and commits what is judged alone', async () => {
    const topic = await rig.newTopic()
    const events = connectLines(8000, LAST_YEAR, 100)
    const expected = await rig.fromFile(events.lines)
    expect(expected.length).toBeGreaterThan(4)
    await rig.send(topic, recordsOf(events, 0, 4000))
    const run = rig.detect(topic)
    try {
      await run.until(() => run.lines.length > 0, 'an alert', WAIT_MS)
      await rig.send(topic, recordsOf(events, 4000))
      // The last windows stay open: in a replay, time stands still behind the last event.
      await until(async () => (await rig.committed(topic)) >= 4000, run)
      await run.until(() => run.lines.length >= expected.length - 1, 'alerts')
      expect(await run.end('SIGTERM'), run.stderr).toEqual({ code: 0, signal: null })
      expect(run.stderr).toContain('8000 lines: 8000 connects, 0 of other things, 0 unreadable')
      expect(expected).toEqual(expect.arrayContaining([...toldBy(run)]))
      expect(toldBy(run).length).toBeGreaterThanOrEqual(expected.length - 1)
      expect(await rig.committed(topic)).toBeLessThan(8000)
      expect((await rig.cluster.admin.describeGroups({ groups: [topic] })).get(topic)?.members.size).toBe(0)
    } finally {
      await run.kill()
    }
  })

  it('loses nothing when it is killed, and tells the same, with what it remembers', async () => {
    const topic = await rig.newTopic()
    const events = connectLines(12_000, LAST_YEAR, 100)
    const expected = await rig.fromFile(events.lines)
    const state = rig.path('state')
    await rig.send(topic, recordsOf(events, 0, 5000))
    const first = rig.detect(topic, '--state', state)
    let second: Hivetap | undefined
    try {
      await until(async () => (await rig.committed(topic)) > 0, first)
      await rig.send(topic, recordsOf(events, 5000, 9000))
      await first.kill()
      await rig.send(topic, recordsOf(events, 9000))
      second = rig.detect(topic, '--state', state)
      const all = second
      await all.until(() => toldBy(first, all).length >= expected.length - 1, 'alerts', WAIT_MS)
      expect(await all.end('SIGTERM'), all.stderr).toEqual({ code: 0, signal: null })
      // What is told of the last, open windows by the end of a file is still to come here.
      expect(expected).toEqual(expect.arrayContaining([...toldBy(first, all)]))
      expect(await rig.committed(topic)).toBe(12_000)
      const third = rig.detect(topic, '--state', state)
      await third.until(() => third.stderr.includes('partitions: all of 4'), 'joined', WAIT_MS)
      await third.end('SIGTERM')
      expect(third.lines).toEqual([])
      expect(third.stderr).toContain('hivetap: 0 lines')
    } finally {
      await first.kill()
      await second?.kill()
    }
  })

  it('shares partitions with another, and takes them back', async () => {
    const topic = await rig.newTopic()
    const events = connectLines(400, LAST_YEAR, 100)
    const first = rig.detect(topic, '--state', rig.path('state'))
    let second: Hivetap | undefined
    try {
      await first.until(() => first.stderr.includes('partitions: all of 4'), 'joined', WAIT_MS)
      const other = rig.detect(topic, '--state', rig.path('state'))
      second = other
      await other.until(() => other.stderr.includes('of 4'), 'shared', WAIT_MS)
      await first.until(() => /partitions: (0, 1|2, 3) of 4/.test(first.stderr), 'shared', WAIT_MS)
      await rig.send(topic, recordsOf(events))
      await sleep(READING_MS)
      await other.end('SIGTERM')
      await first.until(() => first.stderr.split('partitions: all of 4').length === 3, 'back', WAIT_MS)
      await rig.send(topic, recordsOf(events))
      await sleep(READING_MS)
      await first.end('SIGTERM')
      const read = [first, other].map(({ stderr }) => Number(/(\d+) lines:/.exec(stderr)?.[1]))
      // Each record once: what a member gives up, the other goes on with.
      expect((read[0] ?? 0) + (read[1] ?? 0)).toBe(800)
      expect(read.every((count) => count > 0)).toBe(true)
      expect(await rig.committed(topic)).toBe(800)
    } finally {
      await first.kill()
      await second?.kill()
    }
  })

  it('counts what is no event, whatever it is, and reads Protobuf', async () => {
    const topic = await rig.newTopic()
    const { lines, timesMs } = connectLines(20, LAST_YEAR, 100)
    const encode = protobufEncoder()
    const records = lines.map((line, index): TestRecord => {
      const value = Buffer.from(line)
      const timeMs = timesMs[index] ?? 0
      return index % 2 === 0
        ? { partition: 0, value, timeMs }
        : {
            partition: 0,
            value: encode({ kind: 'event', tool: 'tcpconnlat', timeMs, value }),
            timeMs,
            contentType: 'application/protobuf',
          }
    })
    const hostile: readonly TestRecord[] = [
      { partition: 1, value: null },
      { partition: 1, value: Buffer.alloc(0) },
      { partition: 1, value: Buffer.from([0xff, 0, 1, 2]) },
      { partition: 1, value: Buffer.from('{"a":'), contentType: 'text/plain' },
      { partition: 1, value: Buffer.from('abc'), contentType: 'text/plain' },
      { partition: 1, value: Buffer.from([0xff]), contentType: 'application/protobuf' },
      { partition: 1, value: Buffer.alloc(900_000, 0x7b) },
    ]
    await rig.send(topic, [...records, ...hostile])
    const run = rig.detect(topic)
    try {
      await run.until(() => run.stderr.includes('partitions: all of 4'), 'joined', WAIT_MS)
      await sleep(READING_MS)
      expect(await run.end('SIGTERM'), run.stderr).toEqual({ code: 0, signal: null })
      expect(run.stderr).toContain('27 lines: 20 connects, 0 of other things, 7 unreadable')
      expect(run.stderr).toMatch(/unreadable: .*no_value 1/)
      expect(run.stderr).toMatch(/unreadable: .*content_type 1/)
      expect(run.stderr).toMatch(/unreadable: .*not_protobuf 1/)
      expect(run.stderr).toContain('the first, partition 1, offset 0')
    } finally {
      await run.kill()
    }
  })

  it('counts a batch that was spoilt on a broker’s disk, and reads on behind it', async () => {
    const topic = await rig.newTopic()
    const events = connectLines(300, LAST_YEAR, 100)
    const records = recordsOf(events).map((record) => ({ ...record, partition: 1 }))
    for (const from of [0, 100, 200]) await rig.send(topic, records.slice(from, from + 100))
    await spoilBatch(rig.cluster, topic, 1, 1)
    const run = rig.detect(topic)
    try {
      await run.until(() => run.stderr.includes('partitions: all of 4'), 'joined', WAIT_MS)
      await sleep(READING_MS)
      expect(await run.end('SIGTERM'), run.stderr).toEqual({ code: 0, signal: null })
      expect(run.stderr).toContain('300 lines: 200 connects, 0 of other things, 100 unreadable')
      expect(run.stderr).toContain('unreadable: spoilt 100; the first, partition 1, offset 100: Its checksum')
    } finally {
      await run.kill()
    }
  })

  it('says once that brokers are away, goes on when they are back, and says what is wrong for good', async () => {
    const topic = await rig.newTopic()
    const run = rig.detect(topic)
    try {
      await run.until(() => run.stderr.includes('partitions: all of 4'), 'joined', WAIT_MS)
      rig.cluster.setProxies({ kind: 'refuse' })
      await run.until(() => run.stderr.includes('It is tried on.'), 'said', WAIT_MS)
      await sleep(5000)
      rig.cluster.setProxies({ kind: 'none' })
      await run.until(() => run.stderr.includes('the brokers answer again'), 'back', WAIT_MS)
      expect(run.stderr.match(/It is tried on/g)).toHaveLength(1)
      const events = connectLines(3000, LAST_YEAR, 100)
      await rig.send(topic, recordsOf(events))
      await run.until(() => run.lines.length > 0, 'alerts', WAIT_MS)
      // Alerts are out before the last is read.
      await sleep(READING_MS)
      expect(await run.end('SIGTERM'), run.stderr).toEqual({ code: 0, signal: null })
      expect(run.stderr).toContain('3000 lines: 3000 connects')
    } finally {
      rig.cluster.setProxies({ kind: 'none' })
      await run.kill()
    }
    const missing = rig.detect('there-is-none')
    expect(await missing.ended()).toEqual({ code: 1, signal: null })
    expect(missing.stderr).toMatch(/Cannot read the topic there-is-none: There is no topic there-is-none/)
  })
})
