import { expect, it } from 'vitest'
import { CONNECT, NOTHING } from '../../../../test/support/examples.js'
import { GivenSpool } from '../../../../test/support/given-spool.js'
import { exitsnoop } from '../probes/exitsnoop/exitsnoop.js'
import { tcpconnlat } from '../probes/tcpconnlat/tcpconnlat.js'
import { Recorder, type RecorderOptions } from './recorder.js'

const EPOCH = '00000000-0000-4000-8000-000000000001'
const never = new AbortController().signal

function recorderOf(spool: GivenSpool, options: Partial<RecorderOptions> = {}): Recorder {
  const parts = [tcpconnlat, exitsnoop].map((tool) => ({ tool, missing: new Map<string, string>() }))
  return new Recorder(parts, {
    spool,
    node: 'node-1',
    epoch: EPOCH,
    firstSequence: 0,
    eventsBefore: 0,
    batch: { records: 1000, bytes: 1 << 20 },
    ...options,
  })
}

/** Records so many connects. */
function connects(recorder: Recorder, count: number): void {
  recorder.beginBatch()
  for (let index = 0; index < count; index++)
    recorder.take({ toolIndex: 0, event: { ...CONNECT, comm: `c${index}`, latencyUs: index } })
}

/** The sequences that batches stand for, by what they say and by the ids of their records. */
function sequencesOf(spool: GivenSpool): void {
  for (const { firstSequence, records } of spool.batches)
    expect(records.map(({ value }) => JSON.parse(Buffer.from(value).toString()).event_id)).toEqual(
      records.map((_, index) => `${EPOCH}-${firstSequence + index}`),
    )
}

it('gives every event and every account a number, without a hole', async () => {
  const spool = new GivenSpool()
  const recorder = recorderOf(spool)
  recorder.tell('started')
  connects(recorder, 3)
  await recorder.flush(never)
  recorder.account({ tool: 'tcpconnlat', balance: NOTHING, ended: true })
  recorder.account({ tool: 'exitsnoop', balance: NOTHING, ended: true })
  recorder.tell('ended')
  await recorder.flush(never)
  sequencesOf(spool)
  expect(spool.batches.map(({ firstSequence, records }) => [firstSequence, records.length])).toEqual([
    [0, 4],
    [4, 3],
  ])
  expect(spool.values.map(({ tool, host, record, state }) => [tool, host, record ?? 'event', state])).toEqual(
    [
      ['', 'node-1', 'epoch', 'started'],
      ['tcpconnlat', 'node-1', 'event', undefined],
      ['tcpconnlat', 'node-1', 'event', undefined],
      ['tcpconnlat', 'node-1', 'event', undefined],
      ['tcpconnlat', 'node-1', 'ledger', undefined],
      ['exitsnoop', 'node-1', 'ledger', undefined],
      ['', 'node-1', 'epoch', 'ended'],
    ],
  )
  expect(spool.values.at(-1)).toMatchObject({ epoch: EPOCH, sequences: 7, events: 3 })
})

it('says of a record what it is, and when it was', async () => {
  const spool = new GivenSpool()
  const recorder = recorderOf(spool)
  const before = Date.now()
  connects(recorder, 1)
  recorder.tell('running')
  await recorder.flush(never)
  const [event, epoch] = spool.batches[0]?.records ?? []
  const { time } = spool.values[0] as { time: string }
  expect([event?.kind, event?.tool]).toEqual(['event', 'tcpconnlat'])
  expect(event?.timeMs).toBeCloseTo(Date.parse(time), -1)
  expect([epoch?.kind, epoch?.tool]).toEqual(['ledger', ''])
  expect(epoch?.timeMs).toBeGreaterThanOrEqual(before)
})

it('goes on with the numbers of a run before it', async () => {
  const spool = new GivenSpool()
  const recorder = recorderOf(spool, { firstSequence: 100, eventsBefore: 90 })
  connects(recorder, 2)
  recorder.tell('running')
  await recorder.flush(never)
  sequencesOf(spool)
  expect(spool.values.at(-1)).toMatchObject({ sequences: 103, events: 92 })
})

it('gives the spool no more at once than it is told', async () => {
  const spool = new GivenSpool()
  const recorder = recorderOf(spool, { batch: { records: 4, bytes: 1 << 20 } })
  connects(recorder, 10)
  await recorder.flush(never)
  sequencesOf(spool)
  expect(spool.batches.map(({ records }) => records.length)).toEqual([4, 4, 2])
})

it('gives the spool no more bytes at once than it is told, but one record at least', async () => {
  const spool = new GivenSpool()
  const recorder = recorderOf(spool, { batch: { records: 100, bytes: 10 } })
  connects(recorder, 3)
  await recorder.flush(never)
  sequencesOf(spool)
  expect(spool.batches.map(({ records }) => records.length)).toEqual([1, 1, 1])
})

it('uses up the numbers of what the spool does not take', async () => {
  const spool = new GivenSpool()
  const recorder = recorderOf(spool)
  spool.accepts = false
  connects(recorder, 5)
  await recorder.flush(never)
  spool.accepts = true
  connects(recorder, 1)
  await recorder.flush(never)
  expect(spool.batches.map(({ firstSequence }) => firstSequence)).toEqual([5])
  expect([recorder.sequences, recorder.delivered, recorder.recordedOf(0)]).toEqual([6, 6, 6])
})

it('leaves out what is not wanted, and counts it for its tool', async () => {
  const spool = new GivenSpool()
  const parts = [{ tool: tcpconnlat, missing: new Map(), wanted: () => false }]
  const batch = { records: 10, bytes: 1000 }
  const options = { spool, node: 'n', epoch: EPOCH, firstSequence: 0, eventsBefore: 0, batch }
  const recorder = new Recorder(parts, options)
  connects(recorder, 2)
  await recorder.flush(never)
  expect([recorder.unwantedOf(0), recorder.recordedOf(0), recorder.sequences, spool.batches.length]).toEqual([
    2, 0, 0, 0,
  ])
})

it('says since when the spool has not taken what it was given', async () => {
  const spool = new GivenSpool()
  const recorder = recorderOf(spool)
  let take: (accepted: boolean) => void = () => {}
  spool.accepts = new Promise((resolve) => {
    take = resolve
  })
  connects(recorder, 1)
  expect(recorder.waitingMs).toBeUndefined()
  const flushed = recorder.flush(never)
  expect(recorder.waitingMs).toBeGreaterThanOrEqual(0)
  take(true)
  await flushed
  expect(recorder.waitingMs).toBeUndefined()
})

it('records lines of any length and any characters as they are', async () => {
  const spool = new GivenSpool()
  const recorder = recorderOf(spool)
  recorder.beginBatch()
  const names = ['é'.repeat(300_000), '\u0000\u001b[31m', '𝔘𝔫𝔦', 'x'.repeat(2_000_000), '"\\']
  for (const comm of names) recorder.take({ toolIndex: 0, event: { ...CONNECT, comm } })
  await recorder.flush(never)
  sequencesOf(spool)
  expect(spool.values.map(({ comm }) => comm)).toEqual(names)
})
