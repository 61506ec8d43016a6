import { LAST_BIN } from '../sketch/bins.js'
import { StateReader } from '../state/state-reader.js'
import { StateWriter } from '../state/state-writer.js'
import { FIELDS, HOURS_OF_WEEK, MOST_RECORDS, NO_BIN, type SavedSeason } from './season.js'

const VERSION = 1
const MOST_WINDOWS = 1024

/** A history, laid out to be saved: bins of windows, the oldest first. */
export interface SavedHistory {
  readonly learnt: Uint16Array
  readonly held: Uint16Array
  readonly season: SavedSeason | undefined
}

/**
 * A history as bytes: version; how many windows were learnt, and their bins; how many are held, and theirs; then 0, or 1 and of
 * past hours: the hour that goes on, its windows, the number of records, and their four numbers each.
 */
export function encodeHistory({ learnt, held, season }: SavedHistory): Uint8Array {
  const writer = new StateWriter()
  writer.number(VERSION)
  for (const bins of [learnt, held]) {
    writer.number(bins.length)
    for (const bin of bins) writer.number(bin)
  }
  writer.number(season === undefined ? 0 : 1)
  if (season !== undefined) {
    writer.number(season.hour)
    writer.number(season.inHour)
    writer.number(season.records.length / FIELDS)
    for (const number of season.records) writer.number(number)
  }
  return writer.bytes()
}

/** What bytes say. @throws {DetectStateError} if they are no history */
export function decodeHistory(bytes: Uint8Array): SavedHistory {
  const reader = new StateReader(bytes, 'a history')
  reader.number('version', VERSION, VERSION)
  const learnt = readBins(reader)
  const held = readBins(reader)
  const season = reader.number('presence of past hours', 0, 1) === 1 ? readSeason(reader) : undefined
  reader.end()
  return { learnt, held, season }
}

function readBins(reader: StateReader): Uint16Array {
  const length = reader.number('number of windows', 0, MOST_WINDOWS)
  return Uint16Array.from({ length }, () => reader.number('bin', 0, LAST_BIN))
}

function readSeason(reader: StateReader): SavedSeason {
  const hour = reader.number('hour', 0, 2 ** 32 - 1)
  const inHour = reader.number('windows of the hour', 0, 2 ** 16 - 1)
  const length = FIELDS * reader.number('number of past hours', 0, MOST_RECORDS)
  const records = Uint16Array.from({ length }, (_, index) =>
    index % FIELDS === 0
      ? reader.number('hour of week', 0, HOURS_OF_WEEK - 1)
      : reader.number('bin of a past hour', 0, NO_BIN),
  )
  return { hour, inHour, records }
}
