import { Accountant, type AuditOptions } from '../audit/accountant.js'
import { timeText } from '../audit/audit-json.js'
import { unreadable } from '../audit/audit-record.js'
import { RecordJson } from '../topic/record-json.js'
import type { TopicAccess } from '../topic/topic-access.js'
import type { Place } from '../topic/whole/place.js'
import { TopicReader } from '../topic/whole/topic-reader.js'
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
  const values = new RecordJson()
  await reader.read(({ partition }, record) => {
    const { offset } = record
    const where = () => `partition ${partition}, offset ${offset}`
    const json = values.of(record)
    if (typeof json === 'string') accountant.takeRecord(unreadable(json), where)
    else accountant.take(json, where)
    if (offset % TELL_EVERY === 0) progress.tell()
  })
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
