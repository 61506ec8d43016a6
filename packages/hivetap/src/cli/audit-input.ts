import { Accountant, type AuditOptions } from '../audit/accountant.js'
import { timeText } from '../audit/audit-json.js'
import { unreadable } from '../audit/audit-record.js'
import type { TopicAccess } from '../topic/topic-access.js'
import type { Place } from '../topic/whole/place.js'
import { TopicReader } from '../topic/whole/topic-reader.js'
import type { RecordCursor } from '../topic/wire/record-cursor.js'
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
/** Records between two looks at the clock. */
const TELL_EVERY = 256

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
    reader.close()
  }
}

async function readAll(reader: TopicReader, accountant: Accountant): Promise<void> {
  const all = reader.left
  const progress = new Progress(() => {
    const percent = Math.floor((1 - reader.left / all) * 100)
    return `${accountant.counts.records} records read, ${percent} % of the topic`
  })
  await reader.read((place, record) => {
    takePlaced(accountant, place, record)
    if (record.offset % TELL_EVERY === 0) progress.tell()
  })
}

function takePlaced(accountant: Accountant, { partition }: Place, record: RecordCursor): void {
  const { offset, bytes, valueFrom, valueTo } = record
  const where = () => `partition ${partition}, offset ${offset}`
  if (valueTo < 0) accountant.takeRecord(unreadable('no_value'), where)
  // Another encoding says so in a header: its reader's place is here, and its records go to takeRecord.
  else if (bytes[valueFrom] !== OPENING_BRACE && contentType(record) !== 'application/json')
    accountant.takeRecord(unreadable('content_type'), where)
  else accountant.take(bytes.subarray(valueFrom, valueTo), where)
}

/** JSON, if nothing else is said. */
function contentType(record: RecordCursor): string {
  return record.header('content-type')?.replace(/;.*/s, '').trim() ?? 'application/json'
}

function remarksOn({ partition, gaps, deleted, transactional, spoilt, whySpoilt }: Place): readonly string[] {
  return [
    ...(gaps === 0
      ? []
      : [
          `partition ${partition}: ${gaps} offsets hold nothing; a topic that is compacted cannot be audited whole`,
        ]),
    ...(deleted === 0
      ? []
      : [`partition ${partition}: ${deleted} records were deleted before they could be read`]),
    ...(spoilt === 0
      ? []
      : [`partition ${partition}: ${spoilt} offsets hold nothing that can be read: ${whySpoilt}`]),
    ...(transactional === 0
      ? []
      : [
          `partition ${partition}: ${transactional} records were written in transactions; those that were not committed count ` +
            'as received too',
        ]),
  ]
}
