// @ts-check
/** What guests report: a line of JSON a result, behind a mark on the serial console. */

/**
 * @typedef {object} Cell a tool's step of the ladder under a condition
 * @property {'cell'} kind
 * @property {string} condition
 * @property {string} tool
 * @property {string} rung
 * @property {string} buffer
 * @property {'ok' | 'no' | 'wrong'} state
 * @property {string} [reason]
 * @property {string} [taken]
 * @property {readonly string[]} [without]
 */
/**
 * @typedef {object} Doctor whether `hivetap doctor` said what the cells showed
 * @property {'doctor'} kind
 * @property {string} condition
 * @property {'ok' | 'wrong'} state
 * @property {string} [reason]
 */
/**
 * @typedef {object} Wire a connect over a network with faults
 * @property {'wire'} kind
 * @property {string} condition
 * @property {string} rung
 * @property {string} fault
 * @property {'ok' | 'wrong'} state
 * @property {string} [reason]
 */
/** @typedef {Cell | Doctor | Wire} Result */

/**
 * @typedef {object} KernelResults all that was found on a kernel
 * @property {string} column
 * @property {string} version
 * @property {readonly Result[]} results
 */

const RESULT = '##RESULT '

/**
 * The result on a line of a guest's console, if there is one.
 *
 * @param {string} line
 * @returns {Result | undefined}
 */
export function resultOf(line) {
  return line.startsWith(RESULT) ? JSON.parse(line.slice(RESULT.length)) : undefined
}

/** What a result is about. @param {Result} result */
export function describeResult(result) {
  switch (result.kind) {
    case 'cell':
      return `${result.condition}: ${result.tool} ${result.rung} ${result.buffer}`
    case 'doctor':
      return `${result.condition}: doctor`
    case 'wire':
      return `${result.condition}: ${result.rung} over netem, ${result.fault}`
  }
}

/** The tools that were tried. @param {readonly KernelResults[]} kernels */
export function toolsOf(kernels) {
  const names = kernels.flatMap(({ results }) =>
    results.flatMap((result) => (result.kind === 'cell' ? [result.tool] : [])),
  )
  return [...new Set(names)].sort()
}

/**
 * What was found of tools under a condition.
 *
 * @param {KernelResults} kernel
 * @param {string} condition
 * @returns {readonly Cell[]}
 */
export function cellsOf({ results }, condition) {
  return results.flatMap((result) =>
    result.kind === 'cell' && result.condition === condition ? [result] : [],
  )
}
