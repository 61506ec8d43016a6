import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  SpoolBatch,
  SpoolEntry,
  SpoolReader,
  SpoolRecord,
} from '../../packages/hivetap/src/spool/spool.js'

/** An epoch for tests, by a number. */
export function epochOf(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
}

/** A batch whose records tell their epoch and sequence. */
export function batchOf(epoch: string, firstSequence: number, count: number, valueBytes = 0): SpoolBatch {
  const records = Array.from({ length: count }, (_, index): SpoolRecord => {
    const value = Buffer.from(`${epoch}-${firstSequence + index}`.padEnd(valueBytes, '.'))
    const tool = index % 3 === 0 ? 'tcpconnlat' : 'execsnoop'
    return { kind: index % 5 === 4 ? 'ledger' : 'event', tool, timeMs: 1_700_000_000_000.5 + index, value }
  })
  return { epoch, firstSequence, records, position: BigInt(firstSequence + count) * 64n }
}

/** The names of an entry's records as `batchOf` made them, from what they hold or from what is lost. */
export function namesOf(entry: SpoolEntry): string[] {
  if (entry.kind === 'batch')
    return entry.batch.records.map(({ value }) => Buffer.from(value).toString().replace(/\.*$/, ''))
  const { epoch, firstSequence, lastSequence } = entry.loss
  return Array.from(
    { length: lastSequence - firstSequence + 1 },
    (_, index) => `${epoch}-${firstSequence + index}`,
  )
}

/** All that a reader finds without waiting. */
export async function readAll(reader: SpoolReader, acknowledge = true): Promise<SpoolEntry[]> {
  const entries: SpoolEntry[] = []
  for (;;) {
    const entry = await readNow(reader)
    if (entry === undefined) return entries
    entries.push(entry)
    if (acknowledge) reader.acknowledge(entry)
  }
}

/** What a reader finds next; `undefined` if it would wait. */
export async function readNow(reader: SpoolReader): Promise<SpoolEntry | undefined> {
  const stop = new AbortController()
  const next = reader.next(stop.signal)
  // It reads files until there is an entry, and only then looks whether it should wait.
  const waits = reader as unknown as { readonly isWaiting: boolean }
  for (;;) {
    const entry = await Promise.race([next, new Promise((resolve) => setImmediate(resolve, 'later'))])
    if (entry !== 'later') return entry as SpoolEntry | undefined
    if (waits.isWaiting) stop.abort()
  }
}

/** A directory for a spool that is opened very often: in memory where there is such a place. The caller removes it. */
export function spoolDirectory(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'spool-'))
}
