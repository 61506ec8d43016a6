import type { ColumnType } from '../columns.js'
import { Column } from './column.js'
import { JsonTokens } from './json-tokens.js'
import { LineBytes, Pattern } from './line-bytes.js'
import type { Nanoseconds } from './nanoseconds.js'
import type { RowBlock } from './row-block.js'

const OPEN = 0x7b
const CLOSE = 0x7d
const COMMA = 0x2c
const QUOTE = 0x22
const DASH = 0x2d
const LIST_OPEN = 0x5b
const LIST_CLOSE = 0x5d
const EPOCH_LENGTH = 36
/** A key whose value changed is compared with the line before again every sixteenth line. */
const SELDOM = 15

/** What stands behind a key: a value of a column, or a part of the envelope that is none. */
type Kind = ColumnType | 'version' | 'event_id' | 'tool'

/** A key that lines have. */
interface Key {
  /** With its quotes and the colon. */
  readonly pattern: Pattern
  readonly kind: Kind
  readonly column: Column
  /** The line in which it was seen last. */
  seen: number
  /** Where it stood in that line, and how many bytes it took with its value and what ends that. */
  at: number
  length: number
  /** Whether it had the value of the line before when that was looked at last. */
  isSteady: boolean
  /** The key that came behind it last: the next line most likely has the same. */
  next: Key
}

/**
 * Reads lines of a table as the agent writes them: JSON without blanks, keys that have a column, each once, values of their
 * columns' types. A line that is anything else is refused, as it may mean anything else: it takes the parser.
 */
export class PlainLines {
  /** Of the line that was read last. */
  epoch = ''
  sequence = 0
  readonly #block: RowBlock
  readonly #times: Nanoseconds
  readonly #tokens = new JsonTokens()
  readonly #line = new LineBytes()
  readonly #keys: readonly Key[]
  readonly #start: Key
  readonly #epochColumn: Column
  readonly #sequenceColumn: Column
  #epochPattern: Pattern | undefined
  /** Where the block has the text of the epoch: in which row, and since which change of the block. */
  #epochRow = 0
  #epochChange = -1
  #lines = 0
  /** Where the block has the line before: in which row, and since which change of the block. */
  #rowBefore = 0
  #changeBefore = -1

  /** @param block of a table that has the columns that all have */
  constructor(block: RowBlock, times: Nanoseconds) {
    this.#block = block
    this.#times = times
    const { columns } = block
    this.#epochColumn = columns.get('epoch') ?? NO_COLUMN
    this.#sequenceColumn = columns.get('sequence') ?? NO_COLUMN
    const kinds = new Map<string, Kind>([
      ['version', 'version'],
      ['event_id', 'event_id'],
      ['tool', 'tool'],
    ])
    for (const [name, { type }] of columns) kinds.set(name, type)
    // An event has these of its name: where a line tells them, the parser knows what to do.
    kinds.delete('epoch')
    kinds.delete('sequence')
    this.#keys = [...kinds].map(([name, kind]) => keyOf(name, kind, columns.get(name) ?? NO_COLUMN))
    this.#start = keyOf('version', 'version', NO_COLUMN)
  }

  /**
   * Puts a line into the row that the block is putting together, and says whose it is. If it is refused, the row is to be
   * dropped.
   *
   * @returns whether it was read
   */
  read(line: Uint8Array): boolean {
    this.#line.load(line)
    const { bytes, length, view } = this.#line
    this.#block.arena.reserve(length)
    const number = ++this.#lines
    if (bytes[0] !== OPEN) return false
    const isAfter = this.#changeBefore === this.#block.changes
    let hasName = false
    let key = this.#start
    let at = 1
    for (;;) {
      let next = key.next
      if (isAfter && this.#isAsBefore(next, at)) {
        at += next.length
      } else {
        if (!next.pattern.isAt(view, at)) {
          const other = this.#keyAt(view, at)
          if (other === undefined) return false
          next = other
          key.next = next
        }
        if (next.seen === number) return false
        next.seen = number
        if (next.kind === 'event_id') hasName = true
        const behind = this.#value(bytes, view, at + next.pattern.length, next)
        if (behind < 0) return false
        next.at = at
        at = behind + 1
        next.length = at - next.at
      }
      key = next
      const end = bytes[at - 1]
      if (end === COMMA) continue
      if (!hasName || end !== CLOSE || at !== length) return false
      this.#rowBefore = this.#block.count
      this.#changeBefore = this.#block.changes
      return true
    }
  }

  /** Whether key, value and what ends it are those of the line before: then so is the value of the row. */
  #isAsBefore(key: Key, at: number): boolean {
    const number = this.#lines
    if (key.seen !== number - 1 || key.kind === 'event_id') return false
    // Most keys have either always the value of the line before, or never.
    if (!key.isSteady && (number & SELDOM) !== 0) return false
    key.isSteady = this.#line.isAsBefore(at, key.at, key.length)
    if (!key.isSteady) return false
    key.seen = number
    key.at = at
    if (key.column !== NO_COLUMN) key.column.putSame(this.#block.count, this.#rowBefore)
    return true
  }

  #keyAt(view: DataView, at: number): Key | undefined {
    return this.#keys.find(({ pattern }) => pattern.isAt(view, at))
  }

  /** @returns the place behind it, or -1 */
  #value(line: Uint8Array, view: DataView, at: number, { kind, column }: Key): number {
    const tokens = this.#tokens
    const { arena, count: row } = this.#block
    switch (kind) {
      case 'BIGINT': {
        const behind = tokens.integer(line, at)
        if (behind > 0) column.putInteger(row, tokens.number)
        return behind
      }
      case 'VARCHAR': {
        const start = arena.used
        const behind = tokens.text(line, at, arena)
        if (behind > 0) column.putText(row, arena, start)
        return behind
      }
      case 'TIMESTAMP_NS':
        if (line[at] !== QUOTE || line[at + 31] !== QUOTE || !this.#times.at(line, view, at + 1)) return -1
        column.putParts(row, this.#times.low, this.#times.high)
        return at + 32
      case 'event_id':
        return this.#name(line, view, at)
      case 'version':
        return tokens.integer(line, at)
      case 'tool': {
        const start = arena.used
        const behind = tokens.text(line, at, arena)
        arena.used = start
        return behind
      }
      case 'BOOLEAN': {
        const behind = tokens.boolean(view, at)
        if (behind > 0) column.putBoolean(row, tokens.number === 1)
        return behind
      }
      case 'DOUBLE': {
        const behind = tokens.decimal(line, at)
        if (behind > 0) column.putDouble(row, tokens.number)
        return behind
      }
      case 'VARCHAR[]':
        return this.#list(line, at, column)
    }
  }

  #list(line: Uint8Array, at: number, column: Column): number {
    if (line[at] !== LIST_OPEN) return -1
    const { arena, count: row } = this.#block
    const first = column.parts
    let place = at + 1
    while (line[place] !== LIST_CLOSE) {
      const start = arena.used
      if (column.parts > first && line[place++] !== COMMA) return -1
      place = this.#tokens.text(line, place, arena)
      if (place < 0) return -1
      column.addPart(arena, start)
    }
    column.putList(row, first)
    return place + 1
  }

  /** `"EPOCH-SEQUENCE"` */
  #name(line: Uint8Array, view: DataView, at: number): number {
    if (line[at] !== QUOTE || line[at + 1 + EPOCH_LENGTH] !== DASH) return -1
    if (this.#epochPattern?.isAt(view, at + 1) !== true && !this.#readEpoch(line, at + 1)) return -1
    const begin = at + EPOCH_LENGTH + 2
    let digits = begin
    let sequence = 0
    for (;;) {
      const digit = (line[digits] as number) - 0x30
      if (digit < 0 || digit > 9) break
      sequence = sequence * 10 + digit
      digits++
    }
    if (digits === begin || digits - begin > 15 || line[digits] !== QUOTE) return -1
    this.sequence = sequence
    this.#sequenceColumn.putInteger(this.#block.count, sequence)
    this.#putEpoch()
    return digits + 1
  }

  /** All of a batch have the same, as a rule: the block has its text once. */
  #putEpoch(): void {
    const { arena, changes, count: row } = this.#block
    if (this.#epochChange === changes) {
      this.#epochColumn.putSame(row, this.#epochRow)
      return
    }
    const start = arena.used
    arena.add(this.epoch)
    this.#epochColumn.putText(row, arena, start)
    this.#epochRow = row
    this.#epochChange = changes
  }

  /** Only of such letters as a UUID has: others may be escapes. */
  #readEpoch(line: Uint8Array, at: number): boolean {
    const bytes = line.slice(at, at + EPOCH_LENGTH)
    const text = String.fromCharCode(...bytes)
    if (!/^[\w-]{36}$/.test(text)) return false
    this.#epochPattern = new Pattern(bytes)
    this.epoch = text
    this.#epochChange = -1
    return true
  }
}

/** Stands for a column where there is none: nothing is put into it. */
const NO_COLUMN = new Column('BIGINT')

function keyOf(name: string, kind: Kind, column: Column): Key {
  const pattern = new Pattern(Buffer.from(`"${name}":`))
  const key: Omit<Key, 'next'> = { pattern, kind, column, seen: 0, at: 0, length: 0, isSteady: true }
  return Object.assign(key, { next: key as Key })
}
