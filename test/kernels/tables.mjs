// @ts-check
/** Makes the tables of README and docs/kernels.md from what guests reported. Pure: results in, text out. */

/** @typedef {import('./results.mjs').KernelResults} KernelResults */
/** @typedef {import('./results.mjs').Cell} Cell */
/** @typedef {{ id: string, title: string }} ConditionName */

const BUFFERS = { ringbuf: 'ring buffer', perf: 'perf buffers' }

/** Numbers footnotes in the order in which they are first asked for. */
class Footnotes {
  /** @type {Map<string, number>} */
  #numbers = new Map()

  /** @param {string} text */
  mark(text) {
    const number = this.#numbers.get(text) ?? this.#numbers.size + 1
    this.#numbers.set(text, number)
    return `<sup>${number}</sup>`
  }

  lines() {
    return [...this.#numbers].map(([text, number]) => `${number}. ${text}`)
  }
}

/** The tools that were tried. @param {readonly KernelResults[]} kernels */
function toolsOf(kernels) {
  const names = kernels.flatMap(({ results }) =>
    results.flatMap((result) => (result.kind === 'cell' ? [result.tool] : [])),
  )
  return [...new Set(names)].sort()
}

/**
 * Which step is taken when nothing is asked for: a row a condition, a column a kernel. Where tools differ, it says so.
 *
 * @param {readonly KernelResults[]} kernels
 * @param {readonly ConditionName[]} conditions
 */
export function supportTable(kernels, conditions) {
  const notes = new Footnotes()
  const rows = conditions.map(({ id, title }) => [
    title,
    ...kernels.map((kernel) =>
      chosenText(
        cellsOf(kernel, id).filter((cell) => cell.rung === 'any'),
        notes,
      ),
    ),
  ])
  return withNotes(table(['', ...kernels.map(({ column }) => column)], rows), notes)
}

/**
 * What most tools take, then each that does not.
 *
 * @param {readonly Cell[]} cells one a tool
 * @param {Footnotes} notes
 */
function chosenText(cells, notes) {
  const groups = [...groupBy(cells, takenText)].sort(([, one], [, other]) => other.length - one.length)
  return groups
    .map(([text, group], index) => {
      const isMost = index === 0
      const marks = noteOf(group, isMost ? cells : group).map((note) => notes.mark(note))
      return [`${isMost ? '' : `${toolNames(group)}: `}${text}`, ...marks].join(' ')
    })
    .join('; ')
}

/** @param {Cell} cell */
function takenText({ state, taken = '' }) {
  if (state !== 'ok') return state === 'no' ? 'no' : '**wrong**'
  const [rung = '', buffer] = taken.split(' ')
  return `\`${rung}\`${buffer === 'perf' ? ' perf buffers' : ''}`
}

/**
 * Why tools cannot, or what they lack; said of each where it is not the same of all that the text before it is about.
 *
 * @param {readonly Cell[]} group
 * @param {readonly Cell[]} all those that it is about
 * @returns {string[]} none or one
 */
function noteOf(group, all) {
  const said = groupBy(group, ({ state, reason = '', without = [] }) => {
    if (state !== 'ok') return reason
    return without.length === 0 ? '' : `Without ${codes(without)}.`
  })
  const sentences = [...said]
    .filter(([text]) => text !== '')
    .map(([text, cells]) => (cells.length === all.length ? text : `${toolNames(cells)}: ${text}`))
  return sentences.length === 0 ? [] : [sentences.join(' ')]
}

/** @param {readonly Cell[]} cells */
const toolNames = (cells) => codes(cells.map(({ tool }) => tool))
/** @param {readonly string[]} names */
const codes = (names) => names.map((name) => `\`${name}\``).join(', ')
/**
 * @param {readonly Cell[]} cells
 * @param {(cell: Cell) => string} key
 */
function groupBy(cells, key) {
  /** @type {Map<string, Cell[]>} */
  const groups = new Map()
  for (const cell of cells) groups.set(key(cell), [...(groups.get(key(cell)) ?? []), cell])
  return groups
}

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
 * What an older kernel does not have, forced off one by one: a row a thing, a column a kernel that it was tried on.
 *
 * @param {readonly KernelResults[]} kernels
 * @param {readonly ConditionName[]} conditions
 */
export function restrictionTable(kernels, conditions) {
  const tried = kernels.filter((kernel) => conditions.some(({ id }) => cellsOf(kernel, id).length > 0))
  return supportTable(tried, conditions)
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

/**
 * @param {KernelResults} kernel
 * @param {string} condition
 * @returns {readonly Cell[]}
 */
function cellsOf({ results }, condition) {
  return results.flatMap((result) =>
    result.kind === 'cell' && result.condition === condition ? [result] : [],
  )
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
function table(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

/**
 * @param {string} text
 * @param {Footnotes} notes
 */
function withNotes(text, notes) {
  const lines = notes.lines()
  return lines.length === 0 ? text : `${text}\n\n${lines.join('\n')}`
}
