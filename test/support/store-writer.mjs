// @ts-check
/** Delivers batches to a store until it is killed: PATH FIRST. After each it prints the sequence behind it. */
import { writeSync } from 'node:fs'
import { duckdbKind } from '../../packages/hivetap/dist/sinks/duckdb/duckdb.js'

const [, , path = '', first = '0'] = process.argv
const config = duckdbKind.config.parse({ type: 'duckdb', path, max_age: '3650d' })
const sink = await duckdbKind.create(config, { node: 'node-1', note: () => undefined })
const { signal } = new AbortController()
const epoch = '0b7c1a9e-4f6d-4c58-9a51-2f8f6f9d1c00'
for (let sequence = Number(first); ; ) {
  const records = Array.from({ length: 200 }, (_, index) => {
    const time = '2026-11-28T05:00:00.000000000Z'
    const event = {
      version: 1,
      event_id: `${epoch}-${sequence + index}`,
      time,
      host: 'h',
      tool: 'tcpconnlat',
      pid: 1,
    }
    return {
      kind: /** @type {const} */ ('event'),
      tool: 'tcpconnlat',
      timeMs: 0,
      value: Buffer.from(JSON.stringify(event)),
    }
  })
  await sink.deliver({ epoch, firstSequence: sequence, records }, signal)
  sequence += records.length
  writeSync(1, `${sequence}\n`)
}
