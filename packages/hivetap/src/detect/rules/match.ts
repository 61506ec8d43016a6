import { DIMENSIONS } from '../dimension.js'
import type { Observation } from '../observation.js'
import type { Where } from './rule.js'

/** Whether a rule looks at a connect; `undefined` where it looks at all, so that nothing is called. */
export function matcher(where: Where): ((observation: Observation) => boolean) | undefined {
  const tests = DIMENSIONS.flatMap((dimension) => {
    const patterns = where[dimension]
    return patterns === undefined ? [] : [{ dimension, fits: anyOf(patterns) }]
  })
  if (tests.length === 0) return undefined
  return (observation) => tests.every(({ dimension, fits }) => fits(observation[dimension]))
}

/** What a key says of a dimension fits one of the patterns. */
export function anyOf(patterns: readonly string[]): (text: string) => boolean {
  const tests = patterns.map(fitsPattern)
  return (text) => tests.some((fits) => fits(text))
}

/** By pieces between the stars, one after the other: no pattern makes it slow, as a regular expression could. */
function fitsPattern(pattern: string): (text: string) => boolean {
  const pieces = pattern.split('*')
  const [first = ''] = pieces
  if (pieces.length === 1) return (text) => text === first
  const last = pieces.at(-1) ?? ''
  const middle = pieces.slice(1, -1)
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
      return false
    let at = first.length
    const end = text.length - last.length
    for (const piece of middle) {
      const found = text.indexOf(piece, at)
      if (found < 0 || found + piece.length > end) return false
      at = found + piece.length
    }
    return true
  }
}
