import type { AnyTool } from '../../../packages/hivetap/src/probes/tool.js'
import type { FleetOptions } from '../../../packages/hivetap/src/simulation/fleet-options.js'
import { simulateFleet } from '../../../packages/hivetap/src/simulation/simulate-fleet.js'
import { PLACES, SLOW_PLACE, sourceOf } from './names.js'
import { CUT_HOST, MINUTES, SAMPLES, SLOW_FROM, SLOW_TO, START } from './roles.js'

export type Fields = Record<string, unknown>

/** What the ends of a connect are called. */
interface Ends {
  readonly source: string
  readonly destination: string
}

/** A record as an agent sends it. */
export interface Sent {
  readonly timeMs: number
  /** Which of all batches it came in: a batch goes to one partition. */
  readonly batch: number
  readonly fields: Fields
  readonly ends: Ends
}

/**
 * What the agents send in their time, in order, before anything goes wrong with it.
 *
 * @param duplicates part of the batches that are sent again; all else is the same with any
 */
export function sentBy(duplicates: number): readonly Sent[] {
  return sentOf({ duplicates })
}

/** How the agents of a fleet are told of. */
interface SentOptions {
  /** Tools that run; all, without. */
  readonly tools?: readonly AnyTool[]
  /** Whether nothing is slow. */
  readonly isQuick?: boolean
}

/** The same of agents that are otherwise. */
export function sentOf(more: Partial<FleetOptions>, options: SentOptions = {}): readonly Sent[] {
  const all = { events: 4000, minutes: MINUTES, startMs: START, ...more }
  const cut = { ...all, seed: 12, nodes: 1, epochs: 2, cut: 1, minutes: MINUTES - 2, events: 2000 }
  return [
    ...fleet({ ...all, seed: 11, nodes: 4, epochs: 1 }, undefined, options),
    ...fleet(cut, CUT_HOST, options),
  ].sort((a, b) => a.timeMs - b.timeMs)
}

function fleet(
  options: Partial<FleetOptions>,
  host: string | undefined,
  { tools, isQuick = false }: SentOptions,
): readonly Sent[] {
  let batch = 0
  return [...simulateFleet(options, tools).batches].flatMap(({ timeMs, lines }) => {
    batch++
    return lines.map((line) => {
      const fields = JSON.parse(line) as Fields
      return {
        timeMs,
        batch,
        ...named(sampled({ ...fields, host: host ?? fields['host'] }), isQuick ? START : timeMs),
      }
    })
  })
}

function sampled(fields: Fields): Fields {
  const isTold = fields['record'] === undefined || fields['record'] === 'summary'
  const sample = isTold ? SAMPLES[String(fields['host'])] : undefined
  return sample === undefined ? fields : { ...fields, sample }
}

/**
 * The simulator connects to somewhere else each time, and is quick everywhere; here many go to one place, as in a fleet, and one
 * place is slow for some minutes.
 */
function named(fields: Fields, timeMs: number): { readonly fields: Fields; readonly ends: Ends } {
  const address = fields['destination_address']
  if (typeof address !== 'string') return { fields, ends: { source: '', destination: '' } }
  const at = Number(address.split('.')[3]) % PLACES.length
  const place = PLACES[at]
  if (place === undefined) throw new Error(`There is no place ${at}.`)
  const source = sourceOf(String(fields['comm']))
  const isSlow = at === SLOW_PLACE && timeMs >= SLOW_FROM && timeMs < SLOW_TO
  const latency = fields['latency_us']
  return {
    fields: {
      ...fields,
      ...(typeof latency === 'number' && { latency_us: latency * (isSlow ? 2 : 1) }),
      ...place.fields,
      ...source.fields,
    },
    ends: { source: source.name, destination: place.name },
  }
}

/** Epoch and sequence, of an event's id. */
export function idOf(fields: Fields): { readonly epoch: string; readonly sequence: number } {
  const [, epoch = '', sequence = ''] = /^(.*)-(\d+)$/.exec(String(fields['event_id'])) ?? []
  return { epoch, sequence: Number(sequence) }
}

/** A time as events have it. */
export function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('Z', '000000Z')
}
