import type { Cause } from '../probes/connects/cause.js'
import { printable } from '../stream/printable.js'
import type { Alert, RuleKind } from './alert.js'
import type { Dimension, Key } from './dimension.js'
import type { Outcome } from './observation.js'

/** Characters of a name at most: hosts write them, and a line is for people. */
const MOST_NAME = 120

/** What connects do that a rule of a kind finds bad. */
const WHAT: Readonly<Record<RuleKind, string>> = {
  over: 'slow connects',
  baseline: 'unusually slow connects',
  failures: 'failing connects',
  stuck: 'connects that hang',
}

const CAUSE_WORDS: Readonly<Record<Cause, string>> = {
  syn_loss: 'SYN lost on the way',
  network: 'network or peer far or slow',
  host: 'this host slow to send or see packets',
  fast_open: 'TCP Fast Open waiting for the program',
  unknown: 'unknown',
}

const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  connected: 'connected',
  refused: 'refused',
  timed_out: 'timed out',
  unreachable: 'unreachable',
  reset: 'reset',
  abandoned: 'given up by the program',
  failed: 'failed',
  stuck: 'still hanging',
  unknown: 'end unknown',
}

/** How each dimension stands in a sentence. */
const PREPOSITION: Readonly<Record<Dimension, string>> = {
  destination: 'to',
  source: 'from',
  comm: 'of program',
  host: 'on host',
}
const IN_A_SENTENCE = ['destination', 'source', 'comm', 'host'] as const

/** `slow connects`. */
export function whatIsBad(kind: RuleKind): string {
  return WHAT[kind]
}

/** In words, for people. */
export function causeWords(cause: Cause): string {
  return CAUSE_WORDS[cause]
}

/** In words, for people. */
export function outcomeWords(outcome: Outcome): string {
  return OUTCOME_WORDS[outcome]
}

/** `to db:5432 from web on host node-1`; `everywhere` where the rule looks at all as one. */
export function whose(key: Key): string {
  const parts = IN_A_SENTENCE.flatMap((dimension) => {
    const value = key[dimension]
    return value === undefined ? [] : [`${PREPOSITION[dimension]} ${name(value)}`]
  })
  return parts.length === 0 ? 'everywhere' : parts.join(' ')
}

/** A name that a host wrote, so that it can stand in a line: printable, and not too long. */
export function name(text: string): string {
  const characters = [...printable(text.slice(0, MOST_NAME * 4))]
  if (characters.length === 0) return '(none)'
  return characters.length <= MOST_NAME
    ? characters.join('')
    : `${characters.slice(0, MOST_NAME - 1).join('')}…`
}

/** What was measured, as people read it: `340 ms`, `12 %`. */
export function measure(value: number, unit: Alert['unit']): string {
  return unit === 'us' ? timeOfUs(value) : percent(value)
}

/** A share of 1 as `12 %`; below ten with a digit more. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return 'unknown'
  return `${rounded(share * 100, Math.abs(share) < 0.0995 ? 1 : 0)} %`
}

/** Microseconds in the unit in which they are short: `850 µs`, `3.05 s`, `2 min 5 s`. */
export function timeOfUs(us: number): string {
  if (!Number.isFinite(us)) return 'unknown'
  if (us < 999.5) return `${rounded(us, 0)} µs`
  if (us < 999_500) return `${threeDigits(us / 1000)} ms`
  if (us < 59_950_000) return `${threeDigits(us / 1e6)} s`
  return timeOfSeconds(Math.round(us / 1e6))
}

/** Whole seconds in two units at most: `45 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function timeOfSeconds(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const
  const first = units.findIndex(([, size]) => seconds >= size)
  if (first < 0) return '0 s'
  let left = Math.round(seconds)
  const parts = units.slice(first, first + 2).flatMap(([unit, size]) => {
    const count = Math.floor(left / size)
    left -= count * size
    return count === 0 ? [] : [`${count} ${unit}`]
  })
  return parts.join(' ')
}

function threeDigits(value: number): string {
  return rounded(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0)
}

/** Without zeros at the end that say nothing. */
function rounded(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)))
}
