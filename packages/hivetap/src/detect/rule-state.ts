import type { Alert } from './alert.js'
import { type AlertFacts, alertOf, resolvedAlert } from './alert-of.js'
import { Hysteresis } from './baseline/hysteresis.js'
import type { Evidence, Judgement } from './judge/judgement.js'
import type { Rule } from './rules/rule.js'
import type { SavedKey } from './state/saved.js'
import { DetectStateError } from './state/state-error.js'

type SavedRule = SavedKey['rules'][number]

/** A key that a rule found bad, and that is not calm for long enough since. */
export interface Tracked {
  /** Start of the first bad window in this row, microseconds since 1970. */
  sinceUs: number
  /** What was last told, and what was last found bad; none of both before the alert opens. */
  told?: Alert
  last?: Alert
}

/** An open alert is told of again when it is so many times as bad as when it was told last. */
const MUCH_WORSE = 2

/** What a rule remembers of keys from window to window: of nearly all nothing. */
export class RuleState {
  readonly rule: Rule
  readonly tracked = new Map<number, Tracked>()
  /** By key id: bad and calm windows in a row, and whether the alert is open. */
  readonly hysteresis = new Map<number, number>()

  constructor(rule: Rule) {
    this.rule = rule
  }

  isOpen(key: number): boolean {
    return this.tracked.get(key)?.told !== undefined
  }

  /** What is told now, if anything. @param evidence asked for only where something is told */
  judged(
    key: number,
    judgement: Judgement,
    evidence: () => Evidence,
    where: Omit<AlertFacts, 'rule' | 'sinceUs'>,
  ): Alert | undefined {
    const { rule } = this
    const before = this.hysteresis.get(key) ?? 0
    if (before === 0 && judgement.verdict !== 'bad') return undefined
    const { state, change } = Hysteresis.next(before, judgement.verdict, rule)
    const tracked = this.tracked.get(key) ?? { sinceUs: where.windowStartUs }
    if (!Hysteresis.isOpen(state) && Hysteresis.badWindows(state) === 0) this.forget(key)
    else {
      this.hysteresis.set(key, state)
      this.tracked.set(key, tracked)
    }
    if (change === 'resolve') return tracked.last === undefined ? undefined : resolvedAlert(tracked.last)
    if (judgement.verdict !== 'bad') return undefined
    const isToOpen = change === 'open'
    if (!isToOpen && tracked.told === undefined) return undefined
    const alert = alertOf(
      isToOpen ? 'open' : 'update',
      { ...where, rule, sinceUs: tracked.sinceUs },
      judgement,
      evidence(),
    )
    tracked.last = alert
    if (!isToOpen && alert.observed < (tracked.told?.observed ?? 0) * MUCH_WORSE) return undefined
    tracked.told = alert
    return alert
  }

  save(key: number): SavedRule {
    const hysteresis = this.hysteresis.get(key)
    const tracked = this.tracked.get(key)
    if (hysteresis === undefined || tracked === undefined) return {}
    const { sinceUs, told, last } = tracked
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
    this.hysteresis.set(key, hysteresis)
    this.tracked.set(key, {
      sinceUs,
      ...(told !== undefined && { told }),
      ...(last !== undefined && { last }),
    })
  }

  forget(key: number): void {
    this.tracked.delete(key)
    this.hysteresis.delete(key)
  }
}
