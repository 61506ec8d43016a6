// @ts-check
/** The tables of what is taken when nothing is asked for, from what guests reported. Pure: results in, text out. */
import { Footnotes, table, withNotes } from './markdown.mjs'
import { cellsOf, toolsOf } from './results.mjs'

/** @typedef {import('./results.mjs').KernelResults} KernelResults */
/** @typedef {import('./results.mjs').Cell} Cell */
/** @typedef {{ id: string, title: string }} ConditionName */

/**
 * Which step is taken when nothing is asked for: a row a condition, a column a tool. Where kernels differ, it says so.
 *
 * @param {readonly KernelResults[]} kernels
 * @param {readonly ConditionName[]} conditions
 */
export function supportTable(kernels, conditions) {
  const notes = new Footnotes()
  const tools = toolsOf(kernels)
  const rows = conditions.map(({ id, title }) => [
    title,
    ...tools.map((tool) => kernelsText(chosenOf(kernels, id, tool), notes)),
  ])
  return withNotes(table(['', ...tools.map((tool) => `\`${tool}\``)], rows), notes)
}

/**
 * What an older kernel does not have, forced off one by one: a row a thing, a column a kernel that it was tried on.
 *
 * @param {readonly KernelResults[]} kernels
 * @param {readonly ConditionName[]} conditions
 * @param {string} tool
 */
export function restrictionTable(kernels, conditions, tool) {
  const notes = new Footnotes()
  const tried = kernels.filter((kernel) => conditions.some(({ id }) => cellsOf(kernel, id).length > 0))
  const rows = conditions.map(({ id, title }) => [
    title,
    ...tried.map((kernel) => kernelsText(chosenOf([kernel], id, tool), notes)),
  ])
  return withNotes(table(['', ...tried.map(({ column }) => column)], rows), notes)
}

/**
 * What a tool takes by itself, by kernel.
 *
 * @param {readonly KernelResults[]} kernels
 * @param {string} condition
 * @param {string} tool
 * @returns {{ column: string, cell: Cell }[]}
 */
function chosenOf(kernels, condition, tool) {
  return kernels.flatMap((kernel) =>
    cellsOf(kernel, condition)
      .filter((cell) => cell.tool === tool && cell.rung === 'any')
      .map((cell) => ({ column: kernel.column, cell })),
  )
}

/**
 * What most kernels show, then each that shows something else.
 *
 * @param {readonly { column: string, cell: Cell }[]} cells
 * @param {Footnotes} notes
 */
function kernelsText(cells, notes) {
  /** @type {Map<string, { column: string, cell: Cell }[]>} */
  const groups = new Map()
  for (const one of cells) {
    const key = JSON.stringify([takenText(one.cell), noteOf(one.cell)])
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()]
    .sort((one, other) => other.length - one.length)
    .map((group, index) => {
      const [{ cell } = { cell: undefined }] = group
      const text = cell === undefined ? '' : chosenText(cell, notes)
      return index === 0 ? text : `${group.map(({ column }) => column).join(', ')}: ${text}`
    })
    .join('; ')
}

/**
 * @param {Cell} cell
 * @param {Footnotes} notes
 */
function chosenText(cell, notes) {
  const note = noteOf(cell)
  return [takenText(cell), ...(note === undefined ? [] : [notes.mark(note)])].join(' ')
}

/** @param {Cell} cell */
function takenText({ state, taken = '' }) {
  if (state !== 'ok') return state === 'no' ? 'no' : '**wrong**'
  const [rung = '', buffer] = taken.split(' ')
  return `\`${rung}\`${buffer === 'perf' ? ' perf buffers' : ''}`
}

/** Why it cannot, or what it lacks. @param {Cell} cell */
function noteOf({ state, reason = '', without = [] }) {
  if (state !== 'ok') return reason
  return without.length === 0 ? undefined : `Without ${without.map((field) => `\`${field}\``).join(', ')}.`
}
