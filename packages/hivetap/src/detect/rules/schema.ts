import { z } from 'zod'
import { durationSetting } from '../../settings/duration-setting.js'
import { SEVERITIES } from '../alert.js'
import { DIMENSIONS } from '../dimension.js'
import { OUTCOMES } from '../observation.js'
import type { Rule } from './rule.js'

/** Rules at most: each costs something for each connect. */
const MOST_RULES = 64
const MOST_PATTERNS = 64
const MOST_TEXT = 256

const time = (least: string, most: string) => durationSetting(least, most).meta({ value: 'TIME' })
const count = (least: number) => z.int().min(least).max(1_000_000)
const share = z.number().min(0).max(1)
const text = z
  .string()
  .min(1, { error: 'is empty' })
  .max(MOST_TEXT, { error: `has more than ${MOST_TEXT} characters` })

const where = z
  .partialRecord(
    z.enum(DIMENSIONS),
    z.union([text.transform((one) => [one]), z.array(text).min(1).max(MOST_PATTERNS)]),
  )
  .default({})
  .describe('Only these connects: for a dimension a pattern or several, in which * stands for any text')

/** What all rules have; windows and counts differ in what is usual for their kind. */
function common(usual: {
  readonly window: string
  readonly minConnects: number
  readonly resolveAfter: number
}) {
  return {
    name: text.optional().describe('What alerts call it; without: its kind'),
    by: z
      .array(z.enum(DIMENSIONS))
      .max(DIMENSIONS.length)
      .refine((by) => new Set(by).size === by.length, { error: 'names one twice' })
      .default(['source', 'destination'])
      .describe('What is looked at apart'),
    where,
    window: time('1s', '1d').prefault(usual.window).describe('What is looked at together'),
    min_connects: count(0)
      .default(usual.minConnects)
      .describe('With fewer connects in a window, nothing is concluded from the bad ones'),
    open_after: z.int().min(1).max(1000).default(1).describe('Bad windows in a row until the alert opens'),
    resolve_after: z
      .int()
      .min(1)
      .max(1000)
      .default(usual.resolveAfter)
      .describe('Calm windows in a row until it is resolved'),
    severity: z.enum(SEVERITIES).default('warning').describe('How bad that is'),
  }
}

const minBad = (usual: number) =>
  count(1).default(usual).describe('So many bad connects in a window, at least')

const over = z.strictObject({
  kind: z.literal('over').describe('Connects that took too long, by a limit'),
  ...common({ window: '10s', minConnects: 0, resolveAfter: 6 }),
  over: time('1ms', '1h').describe('The limit'),
  min_bad: minBad(1),
  ratio: share.default(0).describe('And such a share of all, from 0 to 1'),
})

const failures = z.strictObject({
  kind: z.literal('failures').describe('Connects that failed'),
  ...common({ window: '60s', minConnects: 5, resolveAfter: 2 }),
  outcomes: z
    .array(z.enum(OUTCOMES))
    .min(1)
    .default(['refused', 'timed_out', 'unreachable', 'reset', 'failed'])
    .describe('What is a failure'),
  min_bad: minBad(5),
  ratio: share.default(0.05).describe('And such a share of all, from 0 to 1'),
})

const stuck = z.strictObject({
  kind: z.literal('stuck').describe('Connects that hang, while they hang'),
  // A SYN is sent again after 1, 3, 7, 15, 31 and 63 seconds: in between nothing is heard of a connect that hangs.
  ...common({ window: '10s', minConnects: 0, resolveAfter: 7 }),
  longer_than: time('1s', '1h').prefault('3s').describe('How long they hang, at least'),
  min_bad: minBad(1),
})

const baseline = z.strictObject({
  kind: z.literal('baseline').describe('Connects that take longer than is usual'),
  ...common({ window: '60s', minConnects: 10, resolveAfter: 2 }),
  quantile: z.number().min(0.01).max(0.999).default(0.95).describe('What is compared, window by window'),
  mads: z
    .number()
    .min(0)
    .max(1000)
    .default(6)
    .describe('Bad is what is above the median of past windows by so many median absolute deviations,'),
  factor: z.number().min(1).max(1000).default(2).describe('and by such a factor,'),
  floor: time('1ms', '1h').prefault('5ms').describe('and by so much'),
  chance: z
    .number()
    .min(1e-15)
    .max(1)
    .default(1e-7)
    .describe(
      'How likely it may be that so many connects are slow by chance alone, with as many as there are',
    ),
  history: z.int().min(5).max(1000).default(60).describe('Past windows that make up what is usual'),
  min_history: z.int().min(3).max(1000).default(10).describe('How many there must be'),
  seasonal: z
    .boolean()
    .default(false)
    .describe('Hold an hour of the week against the same hour of past weeks, once three of them are known'),
  adapt_after: z
    .int()
    .min(1)
    .max(65_535)
    .default(240)
    .describe('What is bad for so many windows in a row is usual from then on'),
})

/** The kinds of rules, as they are told of. */
export const RULE_SETTINGS = [over, failures, stuck, baseline] as const
export const ruleSetting = z.discriminatedUnion('kind', RULE_SETTINGS)

/** What no rule says of itself alone. */
function checkRules(rules: readonly z.output<typeof ruleSetting>[], context: z.RefinementCtx): void {
  const names = new Set<string>()
  for (const [index, rule] of rules.entries()) {
    const { name = rule.kind } = rule
    const say = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [index, key], message })
    if (names.has(name)) say('name', `is ${JSON.stringify(name)}, as another rule is: give it one of its own`)
    names.add(name)
    if (rule.kind === 'baseline' && rule.min_history > rule.history)
      say('min_history', `is more than history, ${rule.history}: nothing would ever be unusual`)
  }
}

/** What is to be found, and within what bounds: keys of a file of `hivetap detect --rules`, and of a sink of the agent's. */
export const detectionShape = {
  rules: z
    .array(ruleSetting)
    .min(1, { error: 'names no rule' })
    .max(MOST_RULES, { error: `names more than ${MOST_RULES} rules` })
    .superRefine(checkRules)
    .default([
      failures.parse({ kind: 'failures' }),
      stuck.parse({ kind: 'stuck' }),
      baseline.parse({ kind: 'baseline' }),
      // What a node loses is a small part of each pair's connects.
      failures.parse({ kind: 'failures', name: 'node-failures', by: ['host'] }),
      baseline.parse({ kind: 'baseline', name: 'node-baseline', by: ['host'] }),
    ])
    .describe(
      'What is bad; without: failures, stuck and baseline of each source and destination, failures and baseline of each host',
    ),
  lateness: time('0s', '1h')
    .prefault('10s')
    .describe('How far connects may be out of order and still count; alerts wait for that long'),
  max_keys: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(100_000)
    .describe('Keys that are remembered at most; the rarest are forgotten'),
}
export const detectionSchema = z.strictObject(detectionShape)
export type Detection = z.output<typeof detectionSchema>

/** The rules as the detector has them. */
export function rulesOf({ rules }: Pick<Detection, 'rules'>): readonly Rule[] {
  return rules.map(ruleOf)
}

function ruleOf(rule: z.output<typeof ruleSetting>): Rule {
  const base = {
    name: rule.name ?? rule.kind,
    // In one order, so that a key reads the same whatever rule it is of.
    by: DIMENSIONS.filter((dimension) => rule.by.includes(dimension)),
    where: rule.where,
    windowUs: rule.window * 1000,
    minConnects: rule.min_connects,
    openAfter: rule.open_after,
    resolveAfter: rule.resolve_after,
    severity: rule.severity,
  }
  switch (rule.kind) {
    case 'over':
      return { ...base, kind: rule.kind, overUs: rule.over * 1000, minBad: rule.min_bad, ratio: rule.ratio }
    case 'failures':
      return { ...base, kind: rule.kind, outcomes: rule.outcomes, minBad: rule.min_bad, ratio: rule.ratio }
    case 'stuck':
      return { ...base, kind: rule.kind, longerThanUs: rule.longer_than * 1000, minBad: rule.min_bad }
    case 'baseline':
      return {
        ...base,
        kind: rule.kind,
        quantile: rule.quantile,
        mads: rule.mads,
        factor: rule.factor,
        floorUs: rule.floor * 1000,
        chance: rule.chance,
        history: rule.history,
        minHistory: rule.min_history,
        seasonal: rule.seasonal,
        adaptAfter: rule.adapt_after,
      }
  }
}
