import { OUTCOMES } from '../../observation.js'
import { isAddress, isPort } from '../ip-end.js'
import { durationUs } from './duration.js'
import type { Row } from './row.js'
import type { Table } from './table.js'

/** What a row says of a connect. */
export interface RowValues {
  pid: number
  comm: string
  host: string
  address: string
  /** -1 if there is none. */
  port: number
  /** Microseconds; -1 if there is none. */
  latencyUs: number
  /** The time as it is written; empty if there is none. */
  time: string
  outcome: string
  cause: string
  /** What stands behind the row: hivetap's table says there how a connect ended. */
  remark: string
}

/** Words of a text behind the last column at most. */
const MOST_TEXT_WORDS = 8
const NUMBER = /^\d{1,10}$/
const JOINT = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/
/** The width of a time in bcc's tools in Python, which put no space behind it; and how it is written. */
const JOINED_WIDTH = 9
const JOINED_TIME = /^\d+\.\d{3}(?=\d)/
const NONE = '-'

export function emptyValues(): RowValues {
  return {
    pid: 0,
    comm: '',
    host: '',
    address: '',
    port: -1,
    latencyUs: -1,
    time: '',
    outcome: '',
    cause: '',
    remark: '',
  }
}

/**
 * Reads a row's cells.
 *
 * @returns why it cannot be read: `columns` if there are not as many cells as columns, or the name of what is not as it must be
 */
export function readCells(row: Row, table: Table, values: RowValues): string | undefined {
  partTimeAndPid(row, table)
  const last = table.isLatencyLast ? row.word(row.words - 1) : ''
  values.remark = isRemark(last) ? last : ''
  const behind = values.remark === '' ? 0 : 1
  const most = table.text < 0 ? 0 : MOST_TEXT_WORDS
  let reason: string | undefined = 'columns'
  for (let words = 0; words <= most && reason !== undefined; words++) {
    if (!row.lay(behind + words)) break
    reason = readLaid(row, table, values)
  }
  return reason
}

function readLaid(row: Row, { columns, marks, places }: Table, values: RowValues): string | undefined {
  for (const index of marks) if (row.cell(index) !== columns[index]?.name) return 'columns'
  const pid = row.cell(places.pid)
  if (pid !== '' && pid !== NONE && !NUMBER.test(pid)) return 'pid'
  values.pid = pid === '' || pid === NONE ? 0 : Number(pid)
  if (!readDestination(row, places, values)) return 'destination'
  const latency = row.cell(places.latency)
  const us =
    latency === '' || latency === NONE ? -1 : durationUs(latency, columns[places.latency ?? -1]?.unitUs)
  if (us === undefined) return 'latency'
  values.latencyUs = us
  values.comm = row.cell(places.comm)
  values.host = row.cell(places.host)
  values.time = row.prefix === '' ? row.cell(places.time) : row.prefix.trimEnd()
  values.outcome = row.cell(places.outcome)
  values.cause = row.cell(places.cause)
  return undefined
}

/** An address in its column and a port in its own, or both in one. */
function readDestination(row: Row, places: Table['places'], values: RowValues): boolean {
  const cell = row.cell(places.destination)
  if (places.destination_port !== undefined) {
    const port = row.cell(places.destination_port)
    values.address = cell
    values.port = NUMBER.test(port) ? Number(port) : -1
    return isPort(values.port) && isAddress(cell)
  }
  const [, v6, v4, port] = JOINT.exec(cell) ?? []
  values.address = v6 ?? v4 ?? cell
  values.port = port === undefined ? -1 : Number(port)
  return (values.port === -1 || isPort(values.port)) && isAddress(values.address)
}

/**
 * bcc's tools in Python put no space between the time and the next column: from ten thousand seconds on, the two stand as one
 * word. A time has three digits behind its point.
 */
function partTimeAndPid(row: Row, { columns, places }: Table): void {
  const [first, second] = columns
  if (places.time !== 0 || first === undefined || second?.start !== JOINED_WIDTH) return
  const time = JOINED_TIME.exec(row.word(0))?.[0]
  if (time !== undefined && time.length >= JOINED_WIDTH) row.cutWord(0, time.length)
}

function isRemark(word: string): boolean {
  return word !== 'unknown' && (OUTCOMES as readonly string[]).includes(word)
}
