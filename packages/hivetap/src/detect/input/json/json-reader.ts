import { greatestOfBin } from '../../sketch/bins.js'
import type { ConnectSummary } from '../../summary/connect-summary.js'
import { readSummary } from '../../summary/read-summary.js'
import type { Giver } from '../giver.js'
import type { Tally } from '../tally.js'
import { type EventFields, emptyFields } from './event-fields.js'
import { EventScanner } from './event-scanner.js'
import { isConnectTool } from './is-connect-tool.js'
import { QualifiedNames } from './qualified-names.js'
import { readEvent } from './read-event.js'
import { Twins } from './twins.js'

/** Where an event stands, and what is known of it besides. One of these serves for many. */
export interface EventPlace {
  where: () => string
  stream: number
  /** Asked for an event without a time. */
  readonly arrivalUs: () => number
  /** The latest time that it may claim. */
  clampUs: number
}

/** Reads events of hivetap's JSON, one a line or a record. */
export class JsonReader {
  readonly #scanner = new EventScanner()
  readonly #fields = emptyFields()
  readonly #names = new QualifiedNames()
  readonly #twins: Twins
  readonly #tally: Tally
  readonly #giver: Giver

  constructor(tally: Tally, giver: Giver) {
    this.#tally = tally
    this.#twins = new Twins(tally.counts)
    this.#giver = giver
  }

  read(bytes: Buffer, from: number, to: number, place: EventPlace): void {
    const fields = this.#fields
    const reason = this.#fill(bytes, from, to)
    if (reason !== undefined) this.#unreadable(reason, bytes, from, to, place)
    else if (fields.isSummary) this.#giveSummary(bytes, from, to, place)
    else if (isConnect(fields)) this.#giveEvent(fields, place)
    else this.#tally.other()
  }

  #giveEvent(fields: EventFields, place: EventPlace): void {
    this.#twins.look(fields)
    if (fields.isTwin) this.#tally.twin(1)
    else this.#give(fields, place)
  }

  #giveSummary(bytes: Buffer, from: number, to: number, place: EventPlace): void {
    const fields = this.#fields
    const summary = readSummary(bytes.subarray(from, to), fields)
    if (typeof summary === 'string') {
      this.#unreadable(summary, bytes, from, to, place)
      return
    }
    this.#twins.look(fields)
    if (fields.isTwin) {
      this.#tally.twin(summary.events)
      return
    }
    // What nobody has to look at is told by the worst of them.
    const { cells } = summary
    fields.latencyUs = greatestOf(summary)
    fields.outcome = cells.find(({ outcome }) => outcome !== 'connected')?.outcome ?? 'connected'
    const { observation } = this.#giver
    observation.summary = summary
    this.#tally.summary(summary.events)
    this.#give(fields, place)
    observation.summary = undefined
  }

  /** @returns why it cannot be read */
  #fill(bytes: Buffer, from: number, to: number): string | undefined {
    const fields = this.#fields
    if (!this.#scanner.scan(bytes, from, to, fields)) return readEvent(bytes.subarray(from, to), fields)
    return fields.version === -1 || fields.version === 1 ? undefined : 'version'
  }

  #give(fields: EventFields, { stream, arrivalUs, clampUs }: EventPlace): void {
    const { observation } = this.#giver
    let { timeUs } = fields
    if (timeUs < 0) timeUs = arrivalUs()
    if (timeUs > clampUs) {
      timeUs = clampUs
      this.#tally.counts.clamped++
    }
    observation.timeUs = timeUs
    observation.stream = stream
    observation.eventId = fields.eventId
    observation.epoch = fields.epoch
    observation.sequence = fields.sequence
    observation.latencyUs = fields.latencyUs
    observation.outcome = fields.outcome
    observation.cause = fields.cause
    observation.host = fields.host
    observation.comm = fields.comm
    observation.pid = fields.pid
    const { workload, workloadNamespace, service, serviceNamespace } = fields
    observation.source = workload === '' ? fields.comm : this.#names.of(workloadNamespace, workload)
    observation.destination = service === '' ? fields.destination : this.#names.of(serviceNamespace, service)
    observation.weight = fields.sample
    this.#giver.give()
  }

  #unreadable(reason: string, bytes: Buffer, from: number, to: number, { where }: EventPlace): void {
    this.#tally.unreadable(reason, where, () => bytes.toString('utf8', from, to))
  }
}

/** The longest that one of its connects took, or the least that is not below it: microseconds; -1 if that is not known of one. */
function greatestOf({ cells }: ConnectSummary): number {
  if (cells.some(({ untimed }) => untimed > 0)) return -1
  return Math.max(...cells.map(({ bins }) => greatestOfBin(bins.at(-1) ?? 0)))
}

/** Whether it is one connect: not a record beside the events, a count, or an event of another tool. */
function isConnect({ isRecord, isCount, tool, destination }: EventFields): boolean {
  if (isRecord || isCount) return false
  return tool === undefined ? destination !== '' : isConnectTool(tool)
}
