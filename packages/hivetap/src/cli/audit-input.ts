import { Accountant, type AuditOptions } from '../audit/accountant.js'
import { timeText } from '../audit/audit-json.js'
import { unreadable } from '../audit/audit-record.js'
import type { Place, Placed } from '../topic/place.js'
import type { TopicAccess } from '../topic/topic-access.js'
import { TopicReader } from '../topic/topic-reader.js'
import { Progress } from './progress.js'
import { readJsonLines } from './read-json-lines.js'

/** What was read, and what there is to say of the reading. */
export interface AuditInput {
  readonly accountant: Accountant
  /** What keeps the audit from being whole. */
  readonly remarks: readonly string[]
  /** What else a reader of the audit is to know. */
  readonly notes: readonly string[]
}

const OPENING_BRACE = 0x7b

/** @throws {InputError} if it cannot be read */
export async function auditFile(path: string, options: AuditOptions): Promise<AuditInput> {
  const accountant = new Accountant(options)
  const progress = new Progress(() => `${accountant.counts.records} records read`)
  await readJsonLines(path, accountant, () => progress.tell())
  return { accountant, remarks: [], notes: [] }
}

/** @throws {InputError} if it cannot be read */
export async function auditTopic(access: TopicAccess, options: AuditOptions): Promise<AuditInput> {
  const { sinceMs, graceMs } = options
  // From a grace before: what overtook the first record of the time asked for is seen too.
  const reader = await TopicReader.open(access, sinceMs === undefined ? undefined : sinceMs - graceMs)
  try {
    const beginsMs = await reader.truncatedAt()
    const keptMs = beginsMs.length === 0 ? undefined : Math.max(...beginsMs) + graceMs
    const isClipped = keptMs !== undefined && (sinceMs === undefined || keptMs > sinceMs)
    const accountant = new Accountant(isClipped ? { ...options, sinceMs: keptMs } : options)
    await readAll(reader, accountant)
    const note = `records of before ${timeText(keptMs)} were deleted from the topic, or may have been: it is audited from then on`
    return { accountant, remarks: reader.places.flatMap(remarksOn), notes: isClipped ? [note] : [] }
  } finally {
    await reader.close()
  }
}

async function readAll(reader: TopicReader, accountant: Accountant): Promise<void> {
  const all = reader.left
  const progress = new Progress(() => {
    const percent = Math.floor((1 - reader.left / all) * 100)
    return `${accountant.counts.records} records read, ${percent} % of the topic`
  })
  await reader.read((place, records) => {
    for (const record of records) takePlaced(accountant, place, record)
    progress.tell()
  })
}

function takePlaced(accountant: Accountant, { partition }: Place, { offset, record }: Placed): void {
  const where = () => `partition ${partition}, offset ${offset}`
  const { value } = record
  if (value === null) accountant.takeRecord(unreadable('no_value'), where)
  // Another encoding says so in a header: its reader's place is here, and its records go to takeRecord.
  else if (value[0] !== OPENING_BRACE && contentType(record.headers) !== 'application/json')
    accountant.takeRecord(unreadable('content_type'), where)
  else accountant.take(value, where)
}

/** JSON, if nothing else is said. */
function contentType(headers: Placed['record']['headers']): string {
  const header = headers.find(([key]) => key?.toString('latin1').toLowerCase() === 'content-type')
  return header?.[1]?.toString('latin1').replace(/;.*/s, '').trim() ?? 'application/json'
}

function remarksOn({ partition, gaps, deleted, transactional }: Place): readonly string[] {
  return [
    ...(gaps === 0
      ? []
      : [
          `partition ${partition}: ${gaps} offsets hold nothing; a topic that is compacted cannot be audited whole`,
        ]),
    ...(deleted === 0
      ? []
      : [`partition ${partition}: ${deleted} records were deleted before they could be read`]),
    ...(transactional === 0
      ? []
      : [
          `partition ${partition}: ${transactional} records were written in transactions; those that were not committed count ` +
            'as received too',
        ]),
  ]
}
