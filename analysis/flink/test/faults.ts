import { DROPPED, DROPPING_HOST, GOOD_ACCOUNTS, LOSING_HOST, LOST } from './roles.js'
import { idOf, type Sent, timeText } from './sent.js'

/** Takes events that follow each other away from a host, in the middle, and has a record say so. */
export function declareLost(sent: readonly Sent[]): {
  readonly kept: readonly Sent[]
  readonly lost: readonly Sent[]
} {
  const events = sent.filter(({ fields }) => fields['host'] === LOSING_HOST && fields['record'] === undefined)
  const from = events[Math.floor(events.length / 2)]
  if (from === undefined) throw new Error(`${LOSING_HOST} sends nothing.`)
  const { epoch, sequence } = idOf(from.fields)
  const last = sequence + LOST - 1
  const isLost = ({ fields }: Sent) => {
    const id = idOf(fields)
    return (
      fields['record'] === undefined && id.epoch === epoch && id.sequence >= sequence && id.sequence <= last
    )
  }
  // What was taken away did not arrive twice either.
  const lost = sent.filter(isLost)
  const record = {
    ...{
      version: 1,
      event_id: `${epoch}-loss-kafka-${sequence}-${last}`,
      time: timeText(from.timeMs + 2000),
    },
    ...{ host: LOSING_HOST, tool: '', record: 'loss', sink: 'kafka', epoch, reason: 'spool_full' },
    ...{ count: LOST, first_sequence: sequence, last_sequence: last },
  }
  const kept = sent.filter((one) => !isLost(one))
  const place = kept.findIndex(({ timeMs }) => timeMs > from.timeMs + 2000)
  const declared = { ...from, timeMs: from.timeMs + 2000, fields: record }
  return { kept: [...kept.slice(0, place), declared, ...kept.slice(place)], lost }
}

/** The simulator's kernels drop now and then everywhere: here one does, once. */
export function withoutDrops(sent: readonly Sent[]): readonly Sent[] {
  let accounts = 0
  const seen = new Set<unknown>()
  return sent.map((one) => {
    const { fields } = one
    if (fields['record'] !== 'ledger') return one
    const isDropping = fields['host'] === DROPPING_HOST && fields['tool'] === 'tcpconnlat'
    if (isDropping && !seen.has(fields['event_id'])) accounts++
    seen.add(fields['event_id'])
    const dropped = isDropping && accounts > GOOD_ACCOUNTS ? DROPPED : 0
    const told = ['delivered', 'filtered', 'sampled_out', 'in_flight'].map((name) => Number(fields[name]))
    const produced = told.reduce((sum, count) => sum + count, dropped)
    return { ...one, fields: { ...fields, produced, dropped: dropped === 0 ? {} : { buffer_full: dropped } } }
  })
}
