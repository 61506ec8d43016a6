import type { Severity } from '../alert.js'
import type { Dimension } from '../dimension.js'
import type { Outcome } from '../observation.js'

/** What connects a rule looks at: for each dimension that is named, one of the patterns fits. `*` stands for any text. */
export type Where = Readonly<Partial<Record<Dimension, readonly string[]>>>

/** What all rules have. Times are microseconds. */
interface RuleBase {
  /** Unique among the rules: alerts, states and `--explain` name it. */
  readonly name: string
  /** What is looked at apart. */
  readonly by: readonly Dimension[]
  readonly where: Where
  /** What is looked at together: windows begin at whole multiples of it. */
  readonly windowUs: number
  /** With fewer connects in a window, nothing is concluded from the bad ones among them. */
  readonly minConnects: number
  /** Bad windows in a row until the alert opens. */
  readonly openAfter: number
  /** Calm windows in a row until it is resolved. */
  readonly resolveAfter: number
  readonly severity: Severity
}

/** Connects that took too long, by a limit that is given. */
export interface OverRule extends RuleBase {
  readonly kind: 'over'
  readonly overUs: number
  /** So many of them in a window, at least. */
  readonly minBad: number
  /** And such a share of all, at least; 0 asks for none. */
  readonly ratio: number
}

/** Connects that failed. */
export interface FailuresRule extends RuleBase {
  readonly kind: 'failures'
  readonly outcomes: readonly Outcome[]
  readonly minBad: number
  readonly ratio: number
}

/** Connects that hang, while they hang. */
export interface StuckRule extends RuleBase {
  readonly kind: 'stuck'
  readonly longerThanUs: number
  readonly minBad: number
}

/** Connects that take longer than is usual for their key. */
export interface BaselineRule extends RuleBase {
  readonly kind: 'baseline'
  /** What is compared, window by window: 0.95. */
  readonly quantile: number
  /** Above what is usual by so many median absolute deviations, by such a factor, and by so much: all three. */
  readonly mads: number
  readonly factor: number
  readonly floorUs: number
  /** How likely it may be that so many connects are above it by chance alone. */
  readonly chance: number
  /** Past windows that make up what is usual, and how many there must be. */
  readonly history: number
  readonly minHistory: number
  /** Hour by hour of a week, once there is history of as many weeks. */
  readonly seasonal: boolean
  /** What stays bad for so many windows is usual from then on. */
  readonly adaptAfter: number
}

export type Rule = OverRule | FailuresRule | StuckRule | BaselineRule
