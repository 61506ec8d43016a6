/** Characters of an epoch, a UUID. An id is an epoch, a hyphen and a sequence. */
export const EPOCH_LENGTH = 36
const HYPHEN = 0x2d
const ZERO = 0x30
/** A number of so many digits is held exactly. */
export const MOST_SEQUENCE_DIGITS = 15

/** The sequence of an id; -1 if it is none of hivetap's. */
export function sequenceOf(id: string): number {
  const { length } = id
  if (length <= EPOCH_LENGTH + 1 || length > EPOCH_LENGTH + 1 + MOST_SEQUENCE_DIGITS) return -1
  if (id.charCodeAt(EPOCH_LENGTH) !== HYPHEN) return -1
  let sequence = 0
  for (let at = EPOCH_LENGTH + 1; at < length; at++) {
    const digit = id.charCodeAt(at) - ZERO
    if (digit < 0 || digit > 9) return -1
    sequence = sequence * 10 + digit
  }
  return sequence
}

/** What an event is known by. To make its id for each one, and to take it apart again, would be a tenth of all that detection costs. */
export interface EventName {
  /** The id, where it is not told by the next two; empty where there is none. */
  eventId: string
  /** Which run of an agent it is of: `EPOCH_LENGTH` characters; empty where that is not known. */
  epoch: string
  /** Its number in there, up to 15 digits; -1 where that is not known. */
  sequence: number
}

/** The id of an event; empty if it has none. */
export function idOf({ eventId, epoch, sequence }: EventName): string {
  return sequence < 0 ? eventId : `${epoch}-${sequence}`
}
