import { percent, timeOfUs } from '../alert-words.js'
import type { Verdict } from '../baseline/verdict.js'
import type { FailuresRule, OverRule, StuckRule } from '../rules/rule.js'
import type { BadConnects } from '../windows/bad-connects.js'
import type { Judgement } from './judgement.js'

type CountedRule = OverRule | FailuresRule | StuckRule

/** By what counts as bad whatever is usual: a limit, a failure, a connect that hangs. */
export function judgeCounted(
  rule: CountedRule,
  connects: number,
  badConnects: BadConnects | undefined,
): Judgement {
  const bad = badConnects?.count ?? 0
  const share = connects === 0 ? 0 : bad / connects
  const figures = { connects, bad, ...measured(rule, share, badConnects) }
  const say = (verdict: Verdict, why: string): Judgement => ({ verdict, why, ...figures })
  const least = rule.kind === 'stuck' ? 0 : rule.ratio
  if (bad === 0) return say('calm', connects === 0 ? 'no connects' : `none ${BAD[rule.kind](rule)}`)
  const found = `${bad} of ${connects} ${BAD[rule.kind](rule)}`
  // Those that hang have not ended: they are not among the connects.
  if (rule.kind !== 'stuck' && connects < rule.minConnects)
    return say('unknown', `${found}: fewer connects than min_connects, ${rule.minConnects}`)
  if (bad < rule.minBad) return say('calm', `${found}: fewer than min_bad, ${rule.minBad}`)
  if (share < least) return say('calm', `${found}: less than ratio, ${percent(least)}`)
  return say('bad', found)
}

const BAD: Readonly<Record<CountedRule['kind'], (rule: CountedRule) => string>> = {
  over: (rule) => `took ${timeOfUs((rule as OverRule).overUs)} or longer`,
  failures: () => 'failed',
  stuck: (rule) => `hang for ${timeOfUs((rule as StuckRule).longerThanUs)} or longer`,
}

function measured(rule: CountedRule, share: number, bad: BadConnects | undefined) {
  switch (rule.kind) {
    case 'over':
      return { observed: Math.max(0, bad?.longestUs ?? 0), threshold: rule.overUs }
    case 'failures':
      return { observed: share, threshold: rule.ratio }
    case 'stuck':
      return { observed: Math.max(0, bad?.longestUs ?? 0), threshold: rule.longerThanUs }
  }
}
