import type { Cause } from '../../../probes/connects/cause.js'
import { readTimeUs, TIME_LENGTH } from '../../../stream/record-time.js'
import type { Outcome } from '../../observation.js'
import { ipEnd, isAddress, isPort } from '../ip-end.js'
import { causeNamed, outcomeOf } from '../labels.js'
import { clearFields, type EventFields, MOST_TEXT } from './event-fields.js'
import { EventNames, nameEvent } from './event-names.js'
import { ExpectedKeys } from './expected-keys.js'
import { isConnectTool } from './is-connect-tool.js'
import { endOfPlainValue } from './plain-value.js'
import { RepeatedTexts } from './repeated-texts.js'
import { SLOTS, type Slot, slotOf } from './slots.js'
import { WordView } from './word-view.js'

const QUOTE = 0x22
const COMMA = 0x2c
const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d
const ZERO = 0x30
/** Of a number that is read here: those with more may not be held exactly. */
const MOST_DIGITS = 15
const MOST_PID = 2 ** 32 - 1

/** Bytes that a text may hold and stand for themselves: printable ASCII but the quote and the backslash. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte <= 0x7e && byte !== QUOTE && byte !== 0x5c ? 1 : 0,
)

/**
 * Reads an event from its bytes, as hivetap writes it: no spaces, texts of plain ASCII, whole numbers. Only what is wanted is
 * made into values. Whatever is written in another way it leaves to `readEvent`, which must read the same from what both read.
 */
export class EventScanner {
  readonly #view = new WordView()
  readonly #keys = new ExpectedKeys(slotOf, this.#view)
  readonly #names = new EventNames(this.#view)
  readonly #texts = new RepeatedTexts<string>(1024, (text) => text, this.#view)
  readonly #outcomes = new RepeatedTexts<Outcome>(64, outcomeOf, this.#view)
  readonly #causes = new RepeatedTexts<Cause>(64, causeNamed, this.#view)
  readonly #destinations = new RepeatedTexts<string>(
    8192,
    (address, port) => (isAddress(address) ? ipEnd(address, port) : undefined),
    this.#view,
  )
  #addressFrom = 0
  /** -1 if there is none. */
  #addressTo = -1
  #addressHash = 0
  #port = -1

  /** @returns whether it was read; otherwise what the fields hold means nothing */
  scan(bytes: Buffer, from: number, to: number, fields: EventFields): boolean {
    if (bytes[from] !== OPENING_BRACE) return false
    clearFields(fields)
    this.#addressTo = -1
    this.#port = -1
    let key = this.#keys.start
    let at = from
    do {
      const next = this.#keys.behind(key, bytes, at + 1)
      if (next === undefined) return false
      key = next
      at = this.#value(key.slot, bytes, at + 1 + key.length, to, fields)
    } while (at >= 0 && bytes[at] === COMMA)
    return at === to - 1 && bytes[at] === CLOSING_BRACE && this.#isWhole(bytes, fields)
  }

  /** @returns where it ends; -1 if it is left to the other reader */
  #value(slot: Slot, bytes: Buffer, at: number, to: number, fields: EventFields): number {
    const first = bytes[at] as number
    if (first === QUOTE) return this.#text(slot, bytes, at + 1, fields)
    if (first >= ZERO && first <= ZERO + 9) return this.#number(slot, bytes, at, fields)
    return slot === SLOTS.none ? endOfPlainValue(bytes, at, to) : -1
  }

  #text(slot: Slot, bytes: Buffer, from: number, fields: EventFields): number {
    if (slot === SLOTS.time) return readTo(bytes, from, fields)
    let at = from
    if (slot === SLOTS.none || slot === SLOTS.eventId) {
      if (slot === SLOTS.eventId) {
        const end = this.#names.read(bytes, from, fields)
        if (end >= 0) return end
      }
      at = endOfPlain(bytes, at)
      if (bytes[at] !== QUOTE) return -1
      if (slot === SLOTS.none) return at + 1
      nameEvent(fields, bytes.toString('latin1', from, at))
      return at - from <= MOST_TEXT ? at + 1 : -1
    }
    let hash = 0
    for (let byte = bytes[at] as number; PLAIN[byte] === 1; byte = bytes[++at] as number)
      hash = (Math.imul(hash, 31) + byte) | 0
    if (bytes[at] !== QUOTE || at - from > MOST_TEXT) return -1
    return this.#keep(slot, bytes, from, at, hash, fields) ? at + 1 : -1
  }

  /** @returns whether it may be a text */
  #keep(slot: Slot, bytes: Buffer, from: number, to: number, hash: number, fields: EventFields): boolean {
    switch (slot) {
      case SLOTS.host:
        fields.host = this.#texts.get(bytes, from, to, hash) ?? ''
        return true
      case SLOTS.tool:
        fields.tool = this.#texts.get(bytes, from, to, hash) ?? ''
        return true
      case SLOTS.comm:
        fields.comm = this.#texts.get(bytes, from, to, hash) ?? ''
        return true
      case SLOTS.outcome:
        fields.outcome = this.#outcomes.get(bytes, from, to, hash) ?? 'unknown'
        return true
      case SLOTS.cause:
        fields.cause = this.#causes.get(bytes, from, to, hash) ?? 'unknown'
        return true
      case SLOTS.address:
        this.#addressFrom = from
        this.#addressTo = to
        this.#addressHash = hash
        return true
      case SLOTS.workload:
        fields.workload = this.#texts.get(bytes, from, to, hash) ?? ''
        return true
      case SLOTS.workloadNamespace:
        fields.workloadNamespace = this.#texts.get(bytes, from, to, hash) ?? ''
        return true
      case SLOTS.service:
        fields.service = this.#texts.get(bytes, from, to, hash) ?? ''
        return true
      case SLOTS.serviceNamespace:
        fields.serviceNamespace = this.#texts.get(bytes, from, to, hash) ?? ''
        return true
      case SLOTS.record:
        fields.isRecord = true
        fields.isSummary = this.#texts.get(bytes, from, to, hash) === 'summary'
        return true
      case SLOTS.connects:
        fields.isCount = true
        return true
      case SLOTS.countedBy:
        fields.isTwin = to > from
        return true
      default:
        return false
    }
  }

  #number(slot: Slot, bytes: Buffer, from: number, fields: EventFields): number {
    let at = from
    let value = 0
    for (
      let digit = (bytes[at] as number) - ZERO;
      digit >= 0 && digit <= 9;
      digit = (bytes[++at] as number) - ZERO
    )
      value = value * 10 + digit
    const digits = at - from
    if (digits > MOST_DIGITS || (digits > 1 && bytes[from] === ZERO)) return -1
    switch (slot) {
      case SLOTS.none:
        return at
      case SLOTS.version:
        fields.version = value
        return at
      case SLOTS.sample:
        fields.sample = value
        return value >= 1 ? at : -1
      case SLOTS.pid:
        fields.pid = value
        return value <= MOST_PID ? at : -1
      case SLOTS.latency:
        fields.latencyUs = value
        return at
      case SLOTS.port:
        this.#port = value
        return isPort(value) ? at : -1
      case SLOTS.record:
        fields.isRecord = true
        fields.isSummary = false
        return at
      case SLOTS.connects:
        fields.isCount = true
        return at
      default:
        return -1
    }
  }

  /** Whether there is all that a connect must have, if it is one. */
  #isWhole(bytes: Buffer, fields: EventFields): boolean {
    if (fields.isRecord || fields.isCount) return true
    const hasAddress = this.#addressTo >= 0
    if (fields.tool === undefined ? !hasAddress : !isConnectTool(fields.tool)) return true
    if (!hasAddress || this.#port < 0) return false
    const destination = this.#destinations.get(
      bytes,
      this.#addressFrom,
      this.#addressTo,
      this.#addressHash,
      this.#port,
    )
    if (destination === undefined) return false
    fields.destination = destination
    return true
  }
}

/** Where the first byte stands that is not plain. */
function endOfPlain(bytes: Buffer, from: number): number {
  let at = from
  while (
    (PLAIN[bytes[at] as number] as number) +
      (PLAIN[bytes[at + 1] as number] as number) +
      (PLAIN[bytes[at + 2] as number] as number) +
      (PLAIN[bytes[at + 3] as number] as number) ===
    4
  )
    at += 4
  while (PLAIN[bytes[at] as number] === 1) at++
  return at
}

/** A time as hivetap writes it. */
function readTo(bytes: Buffer, from: number, fields: EventFields): number {
  const us = readTimeUs(bytes, from)
  if (us === undefined || us < 0 || us > Number.MAX_SAFE_INTEGER || bytes[from + TIME_LENGTH] !== QUOTE)
    return -1
  fields.timeUs = us
  return from + TIME_LENGTH + 1
}
