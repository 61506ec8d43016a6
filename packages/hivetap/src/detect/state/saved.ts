import { z } from 'zod'
import { CAUSES } from '../../probes/connects/cause.js'
import { OUTCOMES } from '../observation.js'
import { savedAlert } from './saved-alert.js'
import { DetectStateError } from './state-error.js'

/**
 * What a detector remembers, line by line of JSON: first one of it as a whole, then for each lane one of its own, one a key that
 * is known, and one a key in each window that is not closed; then which events were seen that may come again.
 */

const MOST_TEXT = 4096
/** Bits of a hysteresis. */
const MOST_HYSTERESIS = 2 ** 21 - 1
const text = z.string().max(MOST_TEXT)
const texts = z.array(text).max(8)
const base64 = z.base64().max(1 << 20)
/** Sums of whole numbers: what a number holds exactly. */
const weight = z.number().min(0).max(Number.MAX_SAFE_INTEGER)
const timeUs = z.int().min(0)

const kept = z.strictObject({
  timeUs,
  eventId: text,
  latencyUs: z.number().min(-1),
  outcome: z.enum(OUTCOMES),
  cause: z.enum(CAUSES),
  host: text,
  comm: text,
  pid: z.int(),
  destination: text,
})
const worst = z.array(kept).max(3)

const header = z.strictObject({
  line: z.literal('detector'),
  version: z.literal(1),
  newest_us: timeUs.optional(),
  watermark: z.unknown(),
  /** Of whoever saved it: how far its input was read. */
  position: z.unknown(),
})

const lane = z.strictObject({
  line: z.literal('lane'),
  lane: z.int().min(0),
  /** The rules that it is of: with others, nothing of it is taken up. */
  rules: z.string(),
  closed_us: timeUs.optional(),
})

const key = z.strictObject({
  line: z.literal('key'),
  lane: z.int().min(0),
  key: texts,
  activity: weight,
  /** By rule. */
  rules: z.array(
    z.strictObject({
      hysteresis: z.int().min(1).max(MOST_HYSTERESIS).optional(),
      since_us: timeUs.optional(),
      told: savedAlert.optional(),
      last: savedAlert.optional(),
      history: base64.optional(),
      adapting: z.int().min(0).max(65_535).optional(),
    }),
  ),
})

const slot = z.strictObject({
  line: z.literal('slot'),
  lane: z.int().min(0),
  window_us: timeUs,
  key: texts,
  connects: weight,
  sketch: base64.optional(),
  /** By rule; null where there are none. */
  bad: z.array(
    z
      .strictObject({
        count: weight,
        longest_us: z.number().min(-1),
        outcomes: z.partialRecord(z.enum(OUTCOMES), weight),
        causes: z.partialRecord(z.enum(CAUSES), weight),
      })
      .nullable(),
  ),
  slow: z.partialRecord(z.enum(CAUSES), base64),
  /** By rule; all with a baseline have one. */
  worst: z.array(worst),
})

const seen = z.strictObject({
  line: z.literal('seen'),
  /** Of the ids of events. */
  epoch: text,
  /** Number, latest time of an event in it, and a bit for each of its 256 sequences. */
  pages: z
    .array(
      z.tuple([
        z.int().min(0),
        timeUs,
        z
          .array(
            z
              .int()
              .min(0)
              .max(2 ** 32 - 1),
          )
          .length(8),
      ]),
    )
    .max(1024),
})

const line = z.discriminatedUnion('line', [header, lane, key, slot, seen])
export type SavedLine = z.output<typeof line>
export type SavedDetector = z.output<typeof header>
export type SavedLane = z.output<typeof lane>
export type SavedKey = z.output<typeof key>
export type SavedSlot = z.output<typeof slot>
export type SavedSeen = z.output<typeof seen>
export type SavedBad = NonNullable<SavedSlot['bad'][number]>

/** @throws {DetectStateError} if it is none */
export function readSavedLine(written: string): SavedLine {
  let value: unknown
  try {
    value = JSON.parse(written)
  } catch {
    throw new DetectStateError('a detector: a line of it is no JSON')
  }
  const read = line.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new DetectStateError(`a detector: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`)
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

export function fromBase64(written: string): Uint8Array {
  return Buffer.from(written, 'base64')
}
