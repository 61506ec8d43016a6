// @ts-check
/** Tables and footnotes in Markdown. */

/** Numbers footnotes in the order in which they are first asked for. */
export class Footnotes {
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
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
export function table(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

/**
 * @param {string} text
 * @param {Footnotes} notes
 */
export function withNotes(text, notes) {
  const lines = notes.lines()
  return lines.length === 0 ? text : `${text}\n\n${lines.join('\n')}`
}
