import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Field, Tool } from '../probes/tool.js'
import { jsonString } from './printable.js'
import type { LineFormat } from './text-sink.js'
import { WallClock } from './wall-clock.js'

/** Version of the envelope: a field's meaning changes only with it; fields may be added without. */
export const ENVELOPE_VERSION = 1

/**
 * Events as JSON, one a line: the envelope (version, event_id, time, host, tool), then the tool's fields.
 *
 * `event_id` is unique across a fleet: a UUID of this run and a number that counts without holes.
 */
export class JsonLines<E> implements LineFormat<E> {
  readonly head = ''
  readonly #fields: readonly Field<E>[]
  readonly #timeNs: (event: E) => number
  readonly #clock: WallClock
  readonly #idStart = `{"version":${ENVELOPE_VERSION},"event_id":"${randomUUID()}-`
  readonly #constant: string
  #sequence = 0

  /** @param missing names of fields that cannot be filled: left out */
  constructor(
    tool: Pick<Tool<E, never>, 'name' | 'fields' | 'timeNs'>,
    missing: ReadonlyMap<string, string>,
    clock = new WallClock(),
  ) {
    this.#clock = clock
    this.#fields = tool.fields.filter((field) => !missing.has(field.name))
    this.#timeNs = tool.timeNs
    this.#constant = `"host":${jsonString(hostname())},"tool":${jsonString(tool.name)}`
  }

  /** Times are told by the wall clock as it is at the beginning of their batch. */
  beginBatch(): void {
    this.#clock.measure()
  }

  line(event: E): string {
    let line = `${this.#idStart}${this.#sequence}","time":"${this.#clock.format(this.#timeNs(event))}",${this.#constant}`
    for (const field of this.#fields) {
      const value = field.value(event)
      if (value !== undefined)
        line += `,"${field.name}":${typeof value === 'string' ? jsonString(value) : value}`
    }
    // A number is used up only by a line that was made.
    this.#sequence++
    return `${line}}\n`
  }
}
