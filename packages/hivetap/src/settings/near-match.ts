/**
 * The word that was probably meant: the one that takes the fewest changes of a letter, if they are few.
 *
 * @returns `undefined` where none is near
 */
export function nearMatch(written: string, known: readonly string[]): string | undefined {
  // What is longer is no name that we know; and the work grows with the square of the length.
  if (written.length > 64) return undefined
  const plain = fold(written)
  let best: string | undefined
  let least = Math.max(1, Math.floor(plain.length / 3)) + 1
  for (const word of known) {
    const distance = changes(plain, fold(word))
    if (distance >= least) continue
    least = distance
    best = word
  }
  return best ?? longer(plain, known)
}

/** The one word that begins so: `ca` of `ca_file`. */
function longer(plain: string, known: readonly string[]): string | undefined {
  if (plain.length < 2) return undefined
  const [first, ...others] = known.filter((word) => fold(word).startsWith(plain))
  return others.length === 0 ? first : undefined
}

/** `; did you mean x?`, or nothing. */
export function didYouMean(written: string, known: readonly string[]): string {
  const near = nearMatch(written, known)
  return near === undefined ? '' : `; did you mean ${near}?`
}

/** Names that differ only in how their words are joined are the same mistake: `maxBytes`, `max-bytes`. */
function fold(word: string): string {
  return word.replaceAll(/[-_]/g, '').toLowerCase()
}

/** Letters to add, remove, replace, or swap with the next (the optimal string alignment distance). */
function changes(from: string, to: string): number {
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const next = [row]
    for (let column = 1; column <= to.length; column++) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1
      let value = Math.min(at(last, column) + 1, at(next, column - 1) + 1, at(last, column - 1) + cost)
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1])
        value = Math.min(value, at(before, column - 2) + 1)
      next.push(value)
    }
    before = last
    last = next
  }
  return at(last, to.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
