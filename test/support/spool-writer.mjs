// @ts-check
/**
 * Appends to a spool as fast as it can, reads it as another reader, and says after each batch up to which sequence it was
 * told that all is accepted: `node spool-writer.mjs DIRECTORY EPOCH FIRST-SEQUENCE`. It ends when it is killed.
 */
import { writeSync } from 'node:fs'

const built = new URL('../../packages/hivetap/dist/spool/disk-spool.js', import.meta.url).href
const { openDiskSpool } = await import(built)
const [dir, epoch, first] = process.argv.slice(2)
const { signal } = new AbortController()
const spool = openDiskSpool({
  dir,
  maxBytes: 1 << 26,
  segmentBytes: 1 << 20,
  policy: 'drop_oldest',
  fsync: 'never',
  fsyncIntervalMs: 1000,
  readers: ['one', 'writer'],
})
const reader = spool.reader('writer')
for (let next = Number(first), batch = 0; ; batch++) {
  const count = 1 + ((batch * 37) % 200)
  const records = Array.from({ length: count }, (_, index) => ({
    kind: 'event',
    tool: 'tcpconnlat',
    timeMs: Date.now(),
    value: Buffer.from(`${epoch}-${next + index}`.padEnd(400, '.')),
  }))
  if (await spool.append({ epoch, firstSequence: next, records }, signal)) {
    next += count
    writeSync(1, `${next}\n`)
  }
  const entry = await reader.next(signal)
  if (entry !== undefined) reader.acknowledge(entry)
}
