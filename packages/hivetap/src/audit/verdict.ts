/**
 * What an audit comes to, best first; of several the worst counts. Each has an exit status of its own.
 *
 * - `proven`: received + declared lost = produced, for every epoch
 * - `declared_losses`: the same, and some were lost: with `strict` only
 * - `without_account`: an epoch was cut or fell silent
 * - `unreadable`: there are records that cannot be read
 * - `incomplete`: a bound was reached, or the stream cannot be audited whole
 * - `missing`: sequences are gone, and nobody declared it
 * - `contradiction`: accounts do not go together, or one name stands for two records
 */
export const VERDICTS = [
  'proven',
  'declared_losses',
  'without_account',
  'unreadable',
  'incomplete',
  'missing',
  'contradiction',
] as const
export type Verdict = (typeof VERDICTS)[number]

/** 1 and 2 are taken: what failed, and what was called wrongly. */
export const EXIT_OF_VERDICT: Readonly<Record<Verdict, number>> = {
  proven: 0,
  declared_losses: 3,
  without_account: 4,
  unreadable: 5,
  incomplete: 6,
  missing: 7,
  contradiction: 8,
}

/** The worst of them; `proven` of none. */
export function worst(verdicts: Iterable<Verdict>): Verdict {
  let index = 0
  for (const verdict of verdicts) index = Math.max(index, VERDICTS.indexOf(verdict))
  return VERDICTS[index] ?? 'proven'
}
