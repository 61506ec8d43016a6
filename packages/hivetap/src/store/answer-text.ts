import type { DuckDBValue } from '@duckdb/node-api'
import { printableJson, printableLines } from '../stream/printable.js'
import { answerTable } from './answer-table.js'
import type { Answer } from './query.js'
import { jsonOf, textOf } from './value-text.js'

/** How an answer is told. */
export const ANSWER_FORMATS = ['table', 'json', 'csv'] as const
export type AnswerFormat = (typeof ANSWER_FORMATS)[number]

/** Rows that the widths of a table are made of. */
const TABLE_ROWS = 1000

/**
 * An answer, piece by piece: a table for people, an object a line (JSON), or CSV (RFC 4180) with its header. None has a
 * control character that a terminal would act on; in CSV, text keeps its line ends, within quotes.
 */
export async function* answerText(answer: Answer, format: AnswerFormat): AsyncGenerator<string> {
  if (format === 'table') return yield* tables(answer)
  if (format === 'csv') yield csvLine(answer.columns)
  for await (const rows of answer.rows)
    yield rows
      .map((row) => (format === 'csv' ? csvLine(row.map(textOf)) : jsonLine(answer.columns, row)))
      .join('')
}

/** A long answer is several tables: it is told before it is all there. */
async function* tables({ columns, numbers, rows }: Answer): AsyncGenerator<string> {
  let waiting: string[][] = []
  let told = false
  for await (const part of rows) {
    waiting.push(...part.map((row) => row.map(textOf)))
    while (waiting.length >= TABLE_ROWS) {
      yield answerTable(columns, waiting.slice(0, TABLE_ROWS), numbers)
      waiting = waiting.slice(TABLE_ROWS)
      told = true
    }
  }
  if (waiting.length > 0 || !told) yield answerTable(columns, waiting, numbers)
}

function jsonLine(columns: readonly string[], row: readonly DuckDBValue[]): string {
  const object = Object.fromEntries(columns.map((name, index) => [name, jsonOf(row[index] ?? null)]))
  return `${printableJson(JSON.stringify(object))}\n`
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => csvCell(printableLines(cell))).join(',')}\r\n`
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
