import { CAUSES } from '../../probes/connects/cause.js'
import { OUTCOMES } from '../observation.js'
import { decodeSketch } from '../sketch/sketch-codec.js'
import { SketchScratch } from '../sketch/sketch-scratch.js'
import { StateReader } from '../state/state-reader.js'
import { StateWriter } from '../state/state-writer.js'
import type { SummaryCell } from './connect-summary.js'

const VERSION = 1
const MOST_CELLS = OUTCOMES.length * CAUSES.length
/** Bytes of a sketch at most: of each bin a step and a count. */
const MOST_SKETCH = 16_384

/** A cell with its sketch as SketchPool encodes it. */
export interface EncodedCell extends Pick<SummaryCell, 'outcome' | 'cause' | 'untimed'> {
  readonly sketch: Uint8Array
}

/**
 * Cells as bytes: version, number of cells, then of each the places of its outcome and of its cause in their lists, how many have
 * no latency, the bytes of its sketch, and the sketch. Numbers are as StateWriter writes them. The lists only grow at their
 * ends, so that what was written stays readable.
 */
export function encodeCells(cells: readonly EncodedCell[]): Uint8Array {
  const writer = new StateWriter()
  writer.number(VERSION)
  writer.number(cells.length)
  for (const { outcome, cause, untimed, sketch } of cells) {
    writer.number(OUTCOMES.indexOf(outcome))
    writer.number(CAUSES.indexOf(cause))
    writer.number(untimed)
    writer.number(sketch.length)
    writer.raw(sketch)
  }
  return writer.bytes()
}

/** What `encodeCells` wrote. @throws {DetectStateError} if the bytes are no cells, or two of them are of one kind */
export function decodeCells(bytes: Uint8Array): readonly SummaryCell[] {
  const reader = new StateReader(bytes, 'a summary')
  const scratch = new SketchScratch()
  reader.number('version', VERSION, VERSION)
  const count = reader.number('number of cells', 0, MOST_CELLS)
  const cells: SummaryCell[] = []
  const kinds = new Set<number>()
  for (let index = 0; index < count; index++) {
    const outcome = reader.number('outcome', 0, OUTCOMES.length - 1)
    const cause = reader.number('cause', 0, CAUSES.length - 1)
    const untimed = reader.number('count', 0, Number.MAX_SAFE_INTEGER)
    decodeSketch(reader.raw('sketch', reader.number('length', 0, MOST_SKETCH)), scratch)
    kinds.add(outcome * CAUSES.length + cause)
    cells.push({
      outcome: OUTCOMES[outcome] ?? 'unknown',
      cause: CAUSES[cause] ?? 'unknown',
      untimed,
      bins: Array.from({ length: scratch.length }, (_, bin) => scratch.binAt(bin)),
      counts: Array.from({ length: scratch.length }, (_, bin) => scratch.countAt(bin)),
    })
  }
  reader.end()
  if (kinds.size < count) throw reader.wrong('two cells are of one kind')
  return cells
}
