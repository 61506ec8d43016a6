// @ts-check
/** Delivers batches to a file until it is killed: PATH FIRST. After each it prints the sequence behind it. */
import { writeSync } from 'node:fs'
import { fileKind } from '../../packages/hivetap/dist/sinks/file/file.js'

const [, , path = '', first = '0'] = process.argv
const config = fileKind.config.parse({ type: 'file', path, max_bytes: '256KiB', keep_files: 1000 })
const sink = await fileKind.create(config, { node: 'node-1', note: () => undefined })
const { signal } = new AbortController()
const epoch = '0b7c1a9e-4f6d-4c58-9a51-2f8f6f9d1c00'
for (let sequence = Number(first); ; ) {
  const records = Array.from({ length: 500 }, (_, index) => ({
    kind: /** @type {const} */ ('event'),
    tool: 'tcpconnlat',
    timeMs: 0,
    value: Buffer.from(`{"version":1,"event_id":"${epoch}-${sequence + index}","args":"${'x'.repeat(200)}"}`),
  }))
  await sink.deliver({ epoch, firstSequence: sequence, records }, signal)
  sequence += records.length
  writeSync(1, `${sequence}\n`)
}
