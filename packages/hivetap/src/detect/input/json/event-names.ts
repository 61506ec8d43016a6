import { EPOCH_LENGTH, type EventName, MOST_SEQUENCE_DIGITS, sequenceOf } from '../../event-id.js'
import { RepeatedTexts } from './repeated-texts.js'
import type { WordView } from './word-view.js'

const QUOTE = 0x22
const HYPHEN = 0x2d
const ZERO = 0x30
/** Epochs whose text is kept: as many agents as speak by turns in one topic. */
const EPOCHS = 1024
/** What an epoch is of: what JSON would write in another way is left to whoever reads all of it. */
const HEX = /^[0-9a-f-]*$/

/** Names of events, from their bytes: no text is made of them but one for each epoch. */
export class EventNames {
  readonly #epochs: RepeatedTexts<string>

  constructor(view: WordView) {
    this.#epochs = new RepeatedTexts(EPOCHS, (text) => (HEX.test(text) ? text : undefined), view)
  }

  /**
   * Reads the id of an event.
   *
   * @param from behind its opening quote
   * @returns behind its closing one; -1 if it is none of those that are taken apart, and the name means nothing
   */
  read(bytes: Buffer, from: number, name: EventName): number {
    const hyphen = from + EPOCH_LENGTH
    if (bytes[hyphen] !== HYPHEN) return -1
    let at = hyphen + 1
    let sequence = 0
    for (
      let digit = (bytes[at] as number) - ZERO;
      digit >= 0 && digit <= 9;
      digit = (bytes[++at] as number) - ZERO
    )
      sequence = sequence * 10 + digit
    const digits = at - hyphen - 1
    if (bytes[at] !== QUOTE || !isSequence(digits, bytes[hyphen + 1] === ZERO)) return -1
    const epoch = this.#epochs.get(bytes, from, hyphen, hashOf(bytes, from))
    if (epoch === undefined) return -1
    name.eventId = ''
    name.epoch = epoch
    name.sequence = sequence
    return at + 1
  }
}

/** Names an event by its id. */
export function nameEvent(name: EventName, id: string): void {
  const digits = id.length - EPOCH_LENGTH - 1
  const sequence = isSequence(digits, id.charCodeAt(EPOCH_LENGTH + 1) === ZERO) ? sequenceOf(id) : -1
  const epoch = sequence < 0 ? '' : id.slice(0, EPOCH_LENGTH)
  const isTold = sequence >= 0 && HEX.test(epoch)
  name.eventId = isTold ? '' : id
  name.epoch = isTold ? epoch : ''
  name.sequence = isTold ? sequence : -1
}

/** So that the id can be made of it again: 007 would be 7. */
function isSequence(digits: number, beginsWithZero: boolean): boolean {
  return digits >= 1 && digits <= MOST_SEQUENCE_DIGITS && !(beginsWithZero && digits > 1)
}

/** Of a few of its random digits. */
function hashOf(bytes: Buffer, from: number): number {
  let hash = bytes[from] as number
  for (let index = 1; index < 4; index++) hash = (hash * 31 + (bytes[from + index] as number)) | 0
  for (let index = EPOCH_LENGTH - 4; index < EPOCH_LENGTH; index++)
    hash = (Math.imul(hash, 31) + (bytes[from + index] as number)) | 0
  return hash
}
