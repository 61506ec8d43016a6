// @ts-check
/**
 * @typedef {object} Figure
 * @property {string} name what was measured
 * @property {string} hivetap the value, with its unit
 * @property {string} [peer] what the peer needed, and which peer
 * @property {string} limit what was wanted
 * @property {boolean} reached
 */

/**
 * @typedef {object} Bench
 * @property {string} title
 * @property {string} about how it is measured: a sentence or two
 * @property {() => Promise<readonly Figure[]>} run
 */

/** The middle of several runs. @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5)
}

/**
 * @param {readonly number[]} values
 * @param {number} part 0.99 for the 99th percentile
 */
export function quantile(values, part) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

/**
 * Of each round ours by theirs, since both of a round ran one after the other.
 *
 * @param {readonly number[]} ours
 * @param {readonly number[]} theirs
 */
export function ratios(ours, theirs) {
  return ours.map((value, round) => value / (theirs[round] ?? Number.NaN))
}

/** `0.91 (0.88–0.97)`: the middle of several runs, the least and the most. @param {readonly number[]} values @param {number} digits */
export function spread(values, digits) {
  const text = (/** @type {number} */ value) => value.toFixed(digits)
  return `${text(median(values))} (${text(Math.min(...values))}–${text(Math.max(...values))})`
}

/** `0.98 (0.91, 0.88)`, of rates: the best of several runs, the middle and the least. @param {readonly number[]} rates */
export function bestSpread(rates) {
  const [best, middle, least] = [Math.max(...rates), median(rates), Math.min(...rates)]
  return `${best.toFixed(0)} (${middle.toFixed(0)}, ${least.toFixed(0)})`
}

/** A table, as Markdown. @param {readonly Figure[]} figures */
export function figureTable(figures) {
  return [
    '| figure | hivetap | peer | wanted | |',
    '|---|---|---|---|---|',
    ...figures.map(
      ({ name, hivetap, peer, limit, reached }) =>
        `| ${name} | ${hivetap} | ${peer ?? ''} | ${limit} | ${reached ? 'reached' : '**missed**'} |`,
    ),
  ].join('\n')
}
