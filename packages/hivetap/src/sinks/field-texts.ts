import type { Field, FieldValue } from '../probes/tool.js'
import { jsonValue } from './json-value.js'

/** A field in lines. Mostly its value is that of the event before, and so is what stands in the line. */
interface FieldText<E> extends Pick<Field<E>, 'value'> {
  readonly key: string
  last: FieldValue | undefined
  /** Of `last`, as JSON. */
  text: string
  /** Events that had another value than the one before, since it was last looked at. */
  changes: number
}

/** Fields that follow on each other and rarely change, as one text; behind them one that often does. */
interface Run<E> {
  readonly still: readonly FieldText<E>[]
  readonly moving: FieldText<E> | undefined
  /** Whether the last event had the field that often changes: then its key stands at the end of `text`. */
  isShown: boolean
  text: string
}

/** A field that changes with more than one event of so many stands by itself. */
const STILL_EVENTS = 16
/** How often fields change is told by so many events. */
const LOOKED_AT = 1024

/**
 * Fields of events as they stand in a line of JSON: `,"pid":1,"comm":"curl"`. To put a text together costs by its pieces: those that
 * stay alike from event to event are kept as one, as was seen of the events before.
 */
export class FieldTexts<E> {
  readonly #fields: readonly FieldText<E>[]
  #runs: readonly Run<E>[]
  #events = 0

  constructor(fields: readonly Pick<Field<E>, 'name' | 'value'>[]) {
    this.#fields = fields.map(({ name, value }) => ({
      key: `,"${name}":`,
      value,
      last: undefined,
      text: '',
      changes: 0,
    }))
    this.#runs = runsOf(this.#fields, () => true)
  }

  /** `line`, and behind it the fields that the event has. */
  behind(line: string, event: E): string {
    let text = line
    for (const run of this.#runs) {
      const { still, moving } = run
      let isSame = true
      for (const field of still) if (hasChanged(field, field.value(event))) isSame = false
      if (moving !== undefined) hasChanged(moving, moving.value(event))
      const isShown = moving?.last !== undefined
      if (!isSame || isShown !== run.isShown) {
        run.isShown = isShown
        run.text = textOf(run)
      }
      text += run.text
      if (isShown) text += moving.text
    }
    if (++this.#events === LOOKED_AT) this.#settle()
    return text
  }

  /** Decides anew which fields stand together. */
  #settle(): void {
    this.#events = 0
    const isMoving = ({ changes }: FieldText<E>) => changes > LOOKED_AT / STILL_EVENTS
    const asBefore = this.#runs.every(
      ({ still, moving }) => !still.some(isMoving) && (moving === undefined || isMoving(moving)),
    )
    if (!asBefore) this.#runs = runsOf(this.#fields, isMoving)
    for (const field of this.#fields) field.changes = 0
  }
}

/** Takes an event's value of a field. @returns whether it is another than before */
function hasChanged<E>(field: FieldText<E>, value: FieldValue | undefined): boolean {
  if (value === field.last) return false
  field.last = value
  field.text = value === undefined ? '' : jsonValue(value)
  field.changes++
  return true
}

function runsOf<E>(fields: readonly FieldText<E>[], isMoving: (field: FieldText<E>) => boolean): Run<E>[] {
  const runs: Run<E>[] = []
  const add = (run: Pick<Run<E>, 'still' | 'moving'>) => {
    const isShown = run.moving?.last !== undefined
    runs.push({ ...run, isShown, text: textOf({ ...run, isShown }) })
  }
  let still: FieldText<E>[] = []
  for (const field of fields) {
    if (!isMoving(field)) {
      still.push(field)
      continue
    }
    add({ still, moving: field })
    still = []
  }
  if (still.length > 0) add({ still, moving: undefined })
  return runs
}

/** One piece: what is joined is not put together again with each line that it stands in. */
function textOf<E>({ still, moving, isShown }: Omit<Run<E>, 'text'>): string {
  const parts = still.flatMap(({ key, last, text }) => (last === undefined ? [] : [key, text]))
  if (isShown && moving !== undefined) parts.push(moving.key)
  return parts.join('')
}
