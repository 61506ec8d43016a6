import { StateReader } from '../state/state-reader.js'
import { StateWriter } from '../state/state-writer.js'
import { MOST_COUNT } from './bin-row.js'
import { LAST_BIN } from './bins.js'
import type { SketchScratch } from './sketch-scratch.js'

const VERSION = 1

/**
 * A sketch as bytes: version, number of bins, then of each bin how far it is behind the one before it (the first: behind -1),
 * and its count. All are numbers as StateWriter writes them.
 */
export function encodeSketch(sketch: SketchScratch): Uint8Array {
  const writer = new StateWriter()
  writer.number(VERSION)
  writer.number(sketch.length)
  let last = -1
  for (let index = 0; index < sketch.length; index++) {
    writer.number(sketch.binAt(index) - last)
    writer.number(sketch.countAt(index))
    last = sketch.binAt(index)
  }
  return writer.bytes()
}

/** Fills a sketch with what bytes say. @throws {DetectStateError} if they are no sketch */
export function decodeSketch(bytes: Uint8Array, into: SketchScratch): void {
  const reader = new StateReader(bytes, 'a sketch')
  into.clear()
  reader.number('version', VERSION, VERSION)
  const length = reader.number('number of bins', 0, LAST_BIN + 1)
  let bin = -1
  for (let index = 0; index < length; index++) {
    bin += reader.number('step', 1, LAST_BIN - bin)
    into.push(bin, reader.number('count', 1, MOST_COUNT))
  }
  reader.end()
}
