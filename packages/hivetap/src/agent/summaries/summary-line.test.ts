import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, it } from 'vitest'
import { CONNECT } from '../../../../../test/support/examples.js'
import { GivenSpool } from '../../../../../test/support/given-spool.js'
import { POD_SOURCE } from '../../../../../test/support/identities.js'
import { TOOLS } from '../../probes/tools.js'
import { Recorder } from '../recorder.js'

const never = new AbortController().signal
const published = JSON.parse(
  readFileSync(new URL('../../../../../docs/summary.schema.json', import.meta.url), 'utf8'),
) as object

/** What a recorder gives its spool of so many connects; each to a port of its own. */
async function recorded(count: number, maxKeys: number) {
  const spool = new GivenSpool()
  const farEnd = { service: { namespace: 'shop', name: 'db', portName: 'sql' }, node: 'n2' }
  const tool = TOOLS.find(({ name }) => name === 'tcpconnlat')
  if (tool === undefined) throw new Error('there is no tcpconnlat')
  const recorder = new Recorder(
    [
      {
        tool,
        missing: new Map(),
        sample: 10,
        identify: () => ({ source: POD_SOURCE, process: undefined, farEnd }),
      },
    ],
    {
      spool,
      node: 'node-1',
      epoch: '00000000-0000-4000-8000-000000000001',
      firstSequence: 0,
      eventsBefore: 0,
      batch: { records: 1000, bytes: 1 << 20 },
      summaries: {
        tools: ['tcpconnlat'],
        everyMs: 3_600_000,
        delayMs: 0,
        keepOverMs: 1000,
        keepFailed: true,
        maxKeys,
        examples: 3,
      },
    },
  )
  recorder.beginBatch()
  for (let port = 1; port <= count; port++)
    recorder.take({ toolIndex: 0, event: { ...CONNECT, comm: 'a\u202eb', destinationPort: port } })
  recorder.endSummaries()
  await recorder.flush(never)
  return { spool, recorder }
}

it('is as the published schema has it, also where keys had no room', async () => {
  const isValid = new Ajv2020({ allErrors: true }).compile(published)
  const { spool, recorder } = await recorded(5, 2)
  expect(recorder.summaries).toEqual({ events: 5, other: 3, recentShare: 0.6, keys: 0, maxKeys: 2 })
  expect(spool.values).toHaveLength(3)
  for (const one of spool.values) {
    isValid(one)
    expect(isValid.errors).toBeNull()
  }
  expect(spool.values[0]).toMatchObject({
    tool: 'tcpconnlat',
    sample: 10,
    comm: 'a\u202eb',
    k8s_namespace: 'shop',
    k8s_workload_kind: 'Deployment',
    k8s_workload: 'checkout',
    destination_service: 'db',
    destination_service_namespace: 'shop',
    destination_service_port: 'sql',
    events: 1,
  })
  expect(spool.values[2]).toMatchObject({ other: true, events: 3 })
  // Of its schema the other kinds of records are none.
  expect(isValid({ ...spool.values[0], record: 'ledger' })).toBe(false)
})

it('uses up a number, is of a kind of its own, and no character of it acts on a terminal', async () => {
  const { spool, recorder } = await recorded(4, 100)
  const records = spool.batches.flatMap((batch) => batch.records)
  expect(records.map(({ kind }) => kind)).toEqual(Array(4).fill('summary'))
  expect(spool.values.map((one) => String(one['event_id']).slice(37))).toEqual(['0', '1', '2', '3'])
  expect([recorder.sequences, recorder.delivered, recorder.recordedOf(0), recorder.summarisedOf(0)]).toEqual([
    4, 0, 4, 4,
  ])
  expect(records.map(({ value }) => Buffer.from(value).toString()).join('')).not.toContain('\u202e')
})
