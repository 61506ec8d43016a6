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

/**
 * Which step is taken when nothing is asked for: a row a condition, a column a kernel.
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
        cellsOf(kernel, id).find((cell) => cell.rung === 'any'),
        notes,
      ),
    ),
  ])
  return withNotes(table(['', ...kernels.map(({ column }) => column)], rows), notes)
}

/**
 * @param {Cell | undefined} cell
 * @param {Footnotes} notes
 */
function chosenText(cell, notes) {
  if (cell === undefined) return ''
  if (cell.state !== 'ok')
    return `${cell.state === 'no' ? 'no' : '**wrong**'} ${notes.mark(cell.reason ?? '')}`
  const [rung = '', buffer] = (cell.taken ?? '').split(' ')
  const without = cell.without ?? []
  return [
    `\`${rung}\``,
    ...(buffer === 'perf' ? ['perf buffers'] : []),
    ...(without.length > 0
      ? [notes.mark(`Without ${without.map((field) => `\`${field}\``).join(', ')}.`)]
      : []),
  ].join(' ')
}

/**
 * Every step under every condition.
 *
 * @param {readonly KernelResults[]} kernels
 * @param {readonly ConditionName[]} conditions
 */
export function stepTable(kernels, conditions) {
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
