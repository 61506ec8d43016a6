import type { Alert } from './alert.js'
import { type AlertFacts, alertOf, resolvedAlert } from './alert-of.js'
import { Hysteresis } from './baseline/hysteresis.js'
import type { Judgement } from './judge/judgement.js'
import type { Rule } from './rules/rule.js'
import type { SavedKey } from './state/saved.js'
import { DetectStateError } from './state/state-error.js'

type SavedRule = SavedKey['rules'][number]

/** A key that a rule found bad, and that is not calm for long enough since. */
export interface Tracked {
  /** Start of the first bad window in this row, microseconds since 1970. */
  sinceUs: number
  /** Bad and calm windows in a row, and whether the alert is open. */
  hysteresis: number
  /** What was last told, and what was last found bad; none of both before the alert opens. */
  told?: Alert
  last?: Alert
}

/** An open alert is told of again when it is so many times as bad as when it was told last. */
const MUCH_WORSE = 2

/** What a rule remembers of keys from window to window: of nearly all nothing. */
export class RuleState {
  readonly rule: Rule
  /** By key id. */
  readonly tracked = new Map<number, Tracked>()

  constructor(rule: Rule) {
    this.rule = rule
  }

  isOpen(key: number): boolean {
    return this.tracked.get(key)?.told !== undefined
  }

  /** What is told now, if anything. @param about asked for only where something is told: most keys are calm */
  judged(
    key: number,
    judgement: Judgement,
    windowStartUs: number,
    about: () => Pick<AlertFacts, 'key' | 'seesAll' | 'evidence'>,
  ): Alert | undefined {
    const { rule } = this
    const known = this.tracked.get(key)
    if (known === undefined && judgement.verdict !== 'bad') return undefined
    const tracked: Tracked = known ?? { sinceUs: windowStartUs, hysteresis: 0 }
    const { state, change } = Hysteresis.next(tracked.hysteresis, judgement.verdict, rule)
    tracked.hysteresis = state
    if (!Hysteresis.isOpen(state) && Hysteresis.badWindows(state) === 0) this.forget(key)
    else this.tracked.set(key, tracked)
    if (change === 'resolve') return tracked.last === undefined ? undefined : resolvedAlert(tracked.last)
    if (judgement.verdict !== 'bad') return undefined
    const isToOpen = change === 'open'
    if (!isToOpen && tracked.told === undefined) return undefined
    const alert = alertOf(
      isToOpen ? 'open' : 'update',
      { ...about(), rule, windowStartUs, sinceUs: tracked.sinceUs },
      judgement,
    )
    tracked.last = alert
    if (!isToOpen && alert.observed < (tracked.told?.observed ?? 0) * MUCH_WORSE) return undefined
    tracked.told = alert
    return alert
  }

  save(key: number): SavedRule {
    const tracked = this.tracked.get(key)
    if (tracked === undefined) return {}
    const { sinceUs, hysteresis, told, last } = tracked
    return {
      hysteresis,
      since_us: sinceUs,
      ...(told !== undefined && { told }),
      ...(last !== undefined && { last }),
    }
  }

  /** @throws {DetectStateError} if it is damaged */
  restore(key: number, { hysteresis, since_us: sinceUs, told, last }: SavedRule): void {
    if (hysteresis === undefined || sinceUs === undefined) return
    // One that is neither bad nor open would be followed for ever.
    if (!Hysteresis.isOpen(hysteresis) && Hysteresis.badWindows(hysteresis) === 0)
      throw new DetectStateError('a key: it is said to be bad, and is not')
    this.tracked.set(key, {
      sinceUs,
      hysteresis,
      ...(told !== undefined && { told }),
      ...(last !== undefined && { last }),
    })
  }

  forget(key: number): void {
    this.tracked.delete(key)
  }
}
