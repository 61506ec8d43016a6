import { setTimeout as sleep } from 'node:timers/promises'
import { DeliveryError } from '../../delivery/destination.js'
import { brokerAnswer, causesOf } from './causes.js'
import type { ClusterClient } from './cluster-client.js'
import { groupsOf } from './groups.js'
import { type BatchProgress, type Outgoing, requestsOf } from './outgoing.js'
import { type KeyHash, type Placed, place } from './placement.js'
import { type RecordBatchEncoder, sizeOf } from './record-batch.js'
import type { TimeLimits } from './time-limits.js'

/** Tries while leaders move; behind them, whoever delivers waits and comes again. */
const TRIES = 4
const BETWEEN_TRIES_MS = 250
/** Partitions that are written to at once, for one batch. */
const CONCURRENT = 4
/** Times that a request's record times are moved: brokers may have different clocks. */
const CLAMPS = 3

/** What a delivery works with. */
export interface DeliveryParts {
  readonly client: ClusterClient
  readonly encoder: RecordBatchEncoder
  readonly limits: TimeLimits
  /** Of a request, before compression. */
  readonly maxBytes: number
  readonly hash: KeyHash
}

/**
 * Delivers what is still open of a batch, and notes what became of each record.
 *
 * @param turn what partition follows where records have no key
 * @throws {DeliveryError}
 */
export async function deliverOpen(
  parts: DeliveryParts,
  records: readonly Outgoing[],
  progress: BatchProgress,
  turn: number,
  signal: AbortSignal,
): Promise<void> {
  for (const record of records) {
    if (sizeOf(record) > parts.maxBytes) progress.tooLarge(record.index)
  }
  for (let attempt = 1; ; attempt++) {
    try {
      await deliverOnce(parts, records, progress, turn + attempt - 1, signal)
      return
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error
      for (const topic of new Set(records.map((record) => record.topic))) parts.client.forget(topic)
      if (error.kind !== 'leader_missing' || attempt === TRIES || signal.aborted) throw error
      await sleep(BETWEEN_TRIES_MS)
    }
  }
}

async function deliverOnce(
  parts: DeliveryParts,
  records: readonly Outgoing[],
  progress: BatchProgress,
  turn: number,
  signal: AbortSignal,
): Promise<void> {
  const open = progress.isFresh ? records : records.filter(({ index }) => progress.isOpen(index))
  const placed: Placed[] = []
  for (const [topic, group] of groupsOf(open, (record) => record.topic))
    placed.push(...place(topic, group, await parts.client.leaders(topic), turn, parts.hash))
  const errors: unknown[] = []
  const worker = async () => {
    for (let next = placed.pop(); next !== undefined && errors.length === 0; next = placed.pop())
      await deliverPlaced(parts, next, progress, signal).catch((error: unknown) => errors.push(error))
  }
  await Promise.all(Array.from({ length: CONCURRENT }, worker))
  if (errors.length > 0) throw errors[0]
}

async function deliverPlaced(
  parts: DeliveryParts,
  placed: Placed,
  progress: BatchProgress,
  signal: AbortSignal,
): Promise<void> {
  for (const request of requestsOf(placed.records, parts.maxBytes))
    await send(parts, placed, request, progress, signal)
}

async function send(
  parts: DeliveryParts,
  placed: Placed,
  request: readonly Outgoing[],
  progress: BatchProgress,
  signal: AbortSignal,
  clamps = 0,
): Promise<void> {
  // Nobody waits any more: what was not sent is not sent.
  if (signal.aborted) throw new DeliveryError('aborted', 'The delivery was called off.', { passing: true })
  const { client, limits, encoder } = parts
  const now = Date.now()
  const batch = encoder.encode(request, ({ timeMs }) => Math.trunc(limits.clamp(timeMs, now)))
  try {
    await client.produce(placed.leader, placed.topic, placed.partition, batch)
    progress.delivered(request)
  } catch (error) {
    const answer = brokerAnswer(error)
    if (answer === 'MESSAGE_TOO_LARGE' || answer === 'RECORD_LIST_TOO_LARGE') {
      await sendHalves(parts, placed, request, progress, signal)
    } else if (
      answer === 'INVALID_TIMESTAMP' &&
      clamps < CLAMPS &&
      limits.learn(refusalIn(error), Date.now())
    ) {
      await send(parts, placed, request, progress, signal, clamps + 1)
    } else throw error
  }
}

/** The brokers' own limit is lower than ours: what they refuse goes in two, down to the record that is too large by itself. */
async function sendHalves(
  parts: DeliveryParts,
  placed: Placed,
  request: readonly Outgoing[],
  progress: BatchProgress,
  signal: AbortSignal,
): Promise<void> {
  const [only] = request
  if (request.length === 1 && only !== undefined) {
    progress.tooLarge(only.index)
    return
  }
  const middle = request.length >> 1
  await send(parts, placed, request.slice(0, middle), progress, signal)
  await send(parts, placed, request.slice(middle), progress, signal)
}

/** What the broker said, in its words. */
function refusalIn(error: unknown): string {
  return causesOf(error)
    .map((cause) => String(cause['serverErrorMessage'] ?? ''))
    .join('\n')
}
