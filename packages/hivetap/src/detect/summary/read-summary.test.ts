import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idOf } from '../event-id.js'
import { detectReader } from '../input/detect-reader.js'
import type { Observation } from '../observation.js'
import { SketchPool } from '../sketch/sketch-pool.js'
import { encodeCells } from './cells-codec.js'

const pool = new SketchPool()
const sketch = pool.create()
for (const latency of [100, 200, 2000]) pool.add(sketch, latency, 1)
const CELLS = Buffer.from(
  encodeCells([{ outcome: 'connected', cause: 'network', untimed: 1, sketch: pool.encode(sketch) }]),
).toString('base64')
const EXAMPLE = {
  time: '2023-11-14T22:13:23.5Z',
  pid: 4,
  latency_us: 2000,
  outcome: 'connected',
  cause: 'network',
}
const RECORD = {
  version: 1,
  event_id: '0b7c1a9e-4f6d-4c58-9a51-2f8f6f9d1c00-4',
  time: '2023-11-14T22:13:20.000000000Z',
  host: 'n1',
  tool: 'tcpconnlat',
  record: 'summary',
  window_end: '2023-11-14T22:13:30.000000Z',
  comm: 'curl',
  destination_address: '10.0.0.1',
  destination_port: 443,
  events: 4,
  cells: CELLS,
  examples: [EXAMPLE],
}

function read(record: object, more: object = {}) {
  const taken: Observation[] = []
  const reader = detectReader({ take: (one) => taken.push({ ...one }), nowUs: () => 2e15, ...more })
  reader.take(Buffer.from(`${JSON.stringify(record)}\n`))
  reader.end()
  return { taken, counts: reader.counts }
}

describe('a summary', () => {
  it('is one observation that stands for many', () => {
    const { taken, counts } = read({ ...RECORD, sample: 10, destination_service: 'db', k8s_workload: 'w' })
    expect(counts).toMatchObject({ lines: 1, observations: 1, other: 0 })
    expect(taken).toMatchObject([
      {
        timeUs: 1_700_000_000_000_000,
        host: 'n1',
        comm: 'curl',
        source: 'w',
        destination: 'db',
        weight: 10,
        summary: { events: 4, examples: [{ offsetUs: 3_500_000, pid: 4 }] },
      },
    ])
    expect(taken.map(idOf)).toEqual([RECORD.event_id])
  })

  it('leaves nothing behind in what is read next', () => {
    const taken: (object | undefined)[] = []
    const reader = detectReader({ take: ({ summary }) => taken.push(summary), nowUs: () => 2e15 })
    const { record: _, cells: __, examples: ___, events: ____, window_end: _____, ...event } = RECORD
    for (const one of [RECORD, event]) reader.take(Buffer.from(`${JSON.stringify(one)}\n`))
    reader.end()
    expect(taken.map((one) => one !== undefined)).toEqual([true, false])
  })

  it('of the keys that had no room counts as one key', () => {
    const { comm: _, destination_address: __, destination_port: ___, examples: ____, ...rest } = RECORD
    expect(read({ ...rest, other: true }).taken).toMatchObject([{ source: 'other', destination: 'other' }])
  })

  it('is not looked at where all of it took less than is asked for', () => {
    const { untimed: _, ...all } = { untimed: 0, outcome: 'connected', cause: 'network' } as const
    const cells = Buffer.from(encodeCells([{ ...all, untimed: 0, sketch: pool.encode(sketch) }])).toString(
      'base64',
    )
    const quick = { ...RECORD, cells, events: 3 }
    expect(read(quick, { overUs: 5000 })).toMatchObject({ taken: [], counts: { below: 1 } })
    expect(read(quick, { overUs: 2000 }).taken).toHaveLength(1)
    // How long one took is not known.
    expect(read(RECORD, { overUs: 5000 }).taken).toHaveLength(1)
  })

  it.each([
    ['a number of events that its cells do not have', { events: 5 }, 'summary'],
    ['no cells', { cells: undefined }, 'summary'],
    ['cells that are none', { cells: 'AAAA' }, 'summary'],
    ['an example that is not counted', { examples: [{ ...EXAMPLE, latency_us: 7 }] }, 'summary'],
    ['one connect as two examples', { examples: [EXAMPLE, EXAMPLE] }, 'summary'],
    ['an example of another window', { examples: [{ ...EXAMPLE, time: '2023-11-14T22:13:30Z' }] }, 'summary'],
    ['more examples than may be', { examples: Array(4).fill(EXAMPLE) }, 'summary'],
    ['an end before its beginning', { window_end: RECORD.time }, 'time'],
    ['no end', { window_end: undefined }, 'time'],
    ['a window of years', { window_end: '2123-11-14T22:13:20Z' }, 'time'],
    ['no destination', { destination_address: undefined }, 'destination'],
    ['a tool that tells of no connects', { tool: 'execsnoop' }, 'tool'],
    ['a version that is not known', { version: 2 }, 'version'],
  ])('with %s cannot be read', (_, more, reason) => {
    const { taken, counts } = read({ ...RECORD, ...more })
    expect(taken).toEqual([])
    expect([...counts.unreadable.keys()]).toEqual([reason])
  })

  it('is read or refused, whatever stands in it', () => {
    const keys = Object.keys(RECORD)
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
        const { counts } = read({ ...RECORD, [key]: value })
        const unreadable = [...counts.unreadable.values()].reduce((sum, count) => sum + count, 0)
        expect(counts.observations + counts.other + unreadable).toBe(counts.lines)
      }),
      { numRuns: 500 },
    )
  })
})
