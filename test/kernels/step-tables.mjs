// @ts-check
/** The tables of steps that were asked for, and of connects over netem, in docs/kernels.md. Pure. */
import { Footnotes, table, withNotes } from './markdown.mjs'
import { cellsOf, toolsOf } from './results.mjs'

/** @typedef {import('./results.mjs').KernelResults} KernelResults */
/** @typedef {import('./results.mjs').Cell} Cell */
/** @typedef {import('./tables.mjs').ConditionName} ConditionName */

const BUFFERS = { ringbuf: 'ring buffer', perf: 'perf buffers' }

/**
 * Every step that was asked for: a section a tool.
 *
 * @param {readonly KernelResults[]} kernels
 * @param {readonly ConditionName[]} conditions
 */
export function stepTables(kernels, conditions) {
  return toolsOf(kernels)
    .map((tool) => `### ${tool}\n\n${stepTable(onlyOf(tool, kernels), conditions)}`)
    .join('\n\n')
}

/**
 * What was found of a tool.
 *
 * @param {string} tool
 * @param {readonly KernelResults[]} kernels
 * @returns {KernelResults[]}
 */
function onlyOf(tool, kernels) {
  return kernels.map((kernel) => ({
    ...kernel,
    results: kernel.results.filter((result) => result.kind !== 'cell' || result.tool === tool),
  }))
}

/**
 * @param {readonly KernelResults[]} kernels
 * @param {readonly ConditionName[]} conditions
 */
function stepTable(kernels, conditions) {
  const notes = new Footnotes()
  const rows = conditions.flatMap(({ id, title }) => {
    const steps = new Map(
      kernels.flatMap((kernel) =>
        cellsOf(kernel, id)
          .filter((cell) => cell.rung !== 'any')
          .map((cell) => [`${cell.rung} ${cell.buffer}`, cell]),
      ),
    )
    return [...steps].map(([step, { rung, buffer }], index) => [
      index === 0 ? title : '',
      `\`${rung}\`, ${BUFFERS[/** @type {keyof typeof BUFFERS} */ (buffer)]}`,
      ...kernels.map((kernel) =>
        stepText(
          cellsOf(kernel, id).find((cell) => `${cell.rung} ${cell.buffer}` === step),
          notes,
        ),
      ),
    ])
  })
  return withNotes(table(['', 'step', ...kernels.map(({ column }) => column)], rows), notes)
}

/**
 * @param {Cell | undefined} cell
 * @param {Footnotes} notes
 */
function stepText(cell, notes) {
  if (cell === undefined) return ''
  if (cell.state === 'ok') return 'ok'
  return `${cell.state === 'no' ? 'no' : '**wrong**'} ${notes.mark(cell.reason ?? '')}`
}

/**
 * Connects over netem: a row a rung and fault.
 *
 * @param {readonly KernelResults[]} kernels
 * @param {readonly ConditionName[]} conditions
 */
export function wireTable(kernels, conditions) {
  const titles = new Map(conditions.map(({ id, title }) => [id, title]))
  /** @type {Map<string, string[]>} */
  const rows = new Map()
  for (const { results } of kernels)
    for (const result of results)
      if (result.kind === 'wire')
        rows.set(`${result.condition} ${result.rung} ${result.fault}`, [
          titles.get(result.condition) ?? result.condition,
          `\`${result.rung}\``,
          result.fault,
        ])
  const withWire = kernels.filter(({ results }) => results.some(({ kind }) => kind === 'wire'))
  return table(
    ['', 'rung', 'fault', ...withWire.map(({ column }) => column)],
    [...rows].map(([key, row]) => [
      ...row,
      ...withWire.map(({ results }) => {
        const found = results.find(
          (result) => result.kind === 'wire' && `${result.condition} ${result.rung} ${result.fault}` === key,
        )
        return found === undefined ? '' : found.state
      }),
    ]),
  )
}
