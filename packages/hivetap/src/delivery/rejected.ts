import type { Loss, SpoolBatch } from '../spool/spool.js'
import type { Rejection } from './destination.js'

/** The losses that a destination's rejections are: neighbours with one reason are one. */
export function lossesOf(batch: SpoolBatch, rejections: readonly Rejection[]): readonly Loss[] {
  const { epoch, firstSequence } = batch
  const losses: Loss[] = []
  for (const { index, reason } of rejections.toSorted((one, other) => one.index - other.index)) {
    const sequence = firstSequence + index
    const last = losses.at(-1)
    if (last !== undefined && last.reason === reason && last.lastSequence + 1 === sequence)
      losses[losses.length - 1] = { ...last, lastSequence: sequence }
    else losses.push({ epoch, reason, firstSequence: sequence, lastSequence: sequence })
  }
  return losses
}
