import { isEpochId } from '../stream/epoch-id.js'

/** Characters of a UUID. */
export const EPOCH_LENGTH = 36
/** Digits of Number.MAX_SAFE_INTEGER, which is not reached: the sequence behind the last is a number too. */
export const MOST_DIGITS = 16

/** Whether a number can be a sequence, or a number of them. */
export function isSequence(value: unknown): value is number {
  return (
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < Number.MAX_SAFE_INTEGER
  )
}

/** `EPOCH-SEQUENCE` → both; `undefined` if it is none. A number is written in one way only: without zeros in front. */
export function parseEventId(id: string): { readonly epoch: string; readonly sequence: number } | undefined {
  const epoch = id.slice(0, EPOCH_LENGTH)
  const digits = id.slice(EPOCH_LENGTH + 1)
  if (!isEpochId(epoch) || id[EPOCH_LENGTH] !== '-' || !/^(0|[1-9]\d{0,15})$/.test(digits)) return undefined
  const sequence = Number(digits)
  return isSequence(sequence) ? { epoch, sequence } : undefined
}
