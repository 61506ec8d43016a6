import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Identify } from '../kubernetes/event-identity.js'
import { balanceRecord } from '../probes/balance.js'
import type { CountedBy } from '../probes/connects/counted-once.js'
import type { Tool } from '../probes/tool.js'
import { ENVELOPE_VERSION } from '../stream/envelope.js'
import { jsonString, printableJson } from '../stream/printable.js'
import type { Account } from '../stream/sink.js'
import { FieldTexts } from './field-texts.js'
import { IdentityJson } from './identity-json.js'
import { COUNTED_BY } from './json-schema.js'
import type { LineFormat } from './text-sink.js'
import { WallClock } from './wall-clock.js'

/** Names for events that are unique across a fleet: a UUID of this run, and a number that counts without holes. */
export class EventIds {
  readonly epoch: string
  #sequence: number

  /**
   * @param epoch the run's UUID
   * @param first the number of the next: more than 0 where a run goes on with the epoch of the one before it
   */
  constructor(epoch: string = randomUUID(), first = 0) {
    this.epoch = epoch
    this.#sequence = first
  }

  /** The name of the event that comes next. */
  get next(): string {
    return `${this.epoch}-${this.#sequence}`
  }

  /** How many are used up. */
  get sequences(): number {
    return this.#sequence
  }

  /** Uses it up: only a line that was made does. */
  use(): void {
    this.#sequence++
  }
}

/** What lines are made with, besides a tool. */
export interface JsonOptions<E> {
  /** Names of fields that cannot be filled: left out. */
  readonly missing: ReadonlyMap<string, string>
  /** Where one of so many is told: how many. */
  readonly sample?: number | undefined
  /** Says which other tool's event of the same connect counts instead of this one; each counts, without. */
  readonly countedBy?: CountedBy | undefined
  readonly clock?: WallClock
  readonly ids?: EventIds
  /** The host, as events name it; without, this one's name. */
  readonly host?: string
  /** Says whose an event is: behind the tool's own fields. Lines without, where nobody does. */
  readonly identify?: Identify<E> | undefined
}

/** Events as JSON, one a line: the envelope (version, event_id, time, host, tool), then the tool's fields. */
export class JsonLines<E> implements LineFormat<E> {
  readonly head = ''
  readonly #fields: FieldTexts<E>
  readonly #timeNs: (event: E) => number
  readonly #clock: WallClock
  readonly #ids: EventIds
  /** What is the same in each line: up to the sequence, and behind the time. */
  readonly #start: string
  readonly #tool: string
  readonly #sample: string
  readonly #countedBy: CountedBy | undefined
  readonly #identify: Identify<E> | undefined
  readonly #identities = new IdentityJson()

  constructor(tool: Pick<Tool<E, never>, 'name' | 'fields' | 'timeNs'>, options: JsonOptions<E>) {
    this.#clock = options.clock ?? new WallClock()
    this.#ids = options.ids ?? new EventIds()
    this.#fields = new FieldTexts(tool.fields.filter(({ name }) => !options.missing.has(name)))
    this.#timeNs = tool.timeNs
    this.#start = `{"version":${ENVELOPE_VERSION},"event_id":"${this.#ids.epoch}-`
    this.#tool = `","host":${jsonString(options.host ?? hostname())},"tool":${jsonString(tool.name)}`
    this.#countedBy = options.countedBy
    this.#identify = options.identify
    this.#sample = options.sample === undefined ? '' : `,"sample":${options.sample}`
  }

  /** Times are told by the wall clock as it is at the beginning of their batch. */
  beginBatch(): void {
    this.#clock.measure()
  }

  line(event: E): string {
    let begin = this.#begin(this.#clock.format(this.#timeNs(event))) + this.#sample
    const countedBy = this.#countedBy?.(event)
    if (countedBy !== undefined) begin += `,"${COUNTED_BY.name}":"${countedBy}"`
    let line = this.#fields.behind(begin, event)
    if (this.#identify !== undefined) line += this.#identities.text(this.#identify(event))
    this.#ids.use()
    return `${line}}\n`
  }

  /** A record of its own, told from events by `record`. */
  account({ balance, ended }: Account): string {
    const { produced, ...rest } = balanceRecord(balance)
    const record = { record: 'ledger', ended, produced, ...rest }
    const line = `${this.#begin(this.#clock.now())},${JSON.stringify(record).slice(1)}`
    this.#ids.use()
    return `${printableJson(line)}\n`
  }

  #begin(time: string): string {
    return `${this.#start}${this.#ids.sequences}","time":"${time}${this.#tool}`
  }
}
