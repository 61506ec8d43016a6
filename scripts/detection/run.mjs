// @ts-check
/**
 * How well detection finds what it ought to: a week with faults and a clean one, both made up, told to the detector with the
 * rules that it has by itself, and to what else is usual.
 *
 *   node scripts/detection/run.mjs [--minutes N] [--seed N] [--wrong] [--write]
 *
 * `--write` puts it into docs/detection.md; `--wrong` says which alerts belong to no fault.
 */
import { join } from 'node:path'
import { Detector } from '../../packages/hivetap/dist/detect/detector.js'
import { detectionSchema, rulesOf } from '../../packages/hivetap/dist/detect/rules/schema.js'
import { readArguments } from '../arguments.mjs'
import { writeSection } from '../generated-section.mjs'
import { ROOT } from '../root.mjs'
import { connectsOf, MINUTE_US } from './fleet.mjs'
import { ewma, fixedThreshold } from './rivals.mjs'
import { score } from './score.mjs'
import { cleanWeek, WEEK_MINUTES, weekWithFaults } from './week.mjs'

const { values } = readArguments(import.meta.url, {
  options: {
    minutes: { type: 'string', default: String(WEEK_MINUTES) },
    seed: { type: 'string', default: '1' },
    wrong: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const minutes = Number(values.minutes)
const seed = Number(values.seed)
/** A Monday at midnight. */
const START_US = Date.UTC(2026, 0, 5) * 1000

/** @typedef {import('./score.mjs').Episode} Episode */

/** @param {readonly import('./fleet.mjs').Change[]} changes */
function watched(changes) {
  const detection = detectionSchema.parse({})
  const detector = new Detector({
    rules: rulesOf(detection),
    latenessUs: detection.lateness * 1000,
    maxKeys: detection.max_keys,
  })
  const fixed = fixedThreshold()
  const weighted = ewma()
  let toldMinute = 0
  for (const connect of connectsOf({ seed, startUs: START_US, minutes, changes })) {
    detector.take(connect)
    fixed.take(connect)
    weighted.take(connect)
    const minute = Math.floor((connect.timeUs - START_US) / MINUTE_US)
    if (minute < toldMinute + 1440) continue
    toldMinute = minute
    process.stderr.write(`day ${minute / 1440} …\n`)
  }
  detector.finish()
  fixed.finish()
  weighted.finish()
  const alerts = detector.takeAlerts()
  return {
    connects: detector.observed,
    rules: alerts,
    episodes: {
      'hivetap detect': episodesOf(alerts),
      'fixed threshold, 100 ms': fixed.episodes,
      'EWMA, 3 deviations': weighted.episodes,
    },
  }
}

/** @param {readonly import('../../packages/hivetap/dist/detect/alert.js').Alert[]} alerts @returns {readonly Episode[]} */
function episodesOf(alerts) {
  /** @type {Map<string, Episode & { rule: string }>} */
  const byId = new Map()
  for (const { alert_id, key, since, time, state, rule } of alerts) {
    const toUs = Date.parse(time) * 1000
    const known = byId.get(alert_id)
    if (known !== undefined) known.toUs = toUs
    else if (state === 'open')
      byId.set(alert_id, { key, rule, fromUs: Date.parse(since) * 1000, toUs, toldUs: toUs })
  }
  return [...byId.values()]
}

const withFaults = weekWithFaults(seed, minutes)
const faulty = watched(withFaults.changes)
const clean = watched(cleanWeek(seed + 1, minutes))
const kinds = [...new Set(withFaults.faults.map(({ kind }) => kind))]
const isSharp = new Map(withFaults.faults.map(({ kind, sharp }) => [kind, sharp]))
const lines = [
  `${(faulty.connects / 1e6).toFixed(1)} million connects with ${withFaults.faults.length} faults, ${(clean.connects / 1e6).toFixed(1)} million without; ${(minutes / 1440).toFixed(1)} days each, seed ${seed}.`,
  '',
  `| | ${Object.keys(faulty.episodes).join(' | ')} |`,
  `|---|${'---|'.repeat(Object.keys(faulty.episodes).length)}`,
]
const scores = Object.values(faulty.episodes).map((episodes) => score(episodes, withFaults.faults, START_US))
for (const kind of kinds) {
  const cells = scores.map(({ byKind }) => {
    const { found = 0, of = 0, delays = [] } = byKind.get(kind) ?? {}
    const sorted = [...delays].sort((a, b) => a - b)
    const delay =
      sorted.length === 0
        ? ''
        : `, after ${middle(sorted).toFixed(1)} (at most ${(sorted.at(-1) ?? 0).toFixed(1)}) min`
    return `${found} of ${of}${delay}`
  })
  lines.push(`| ${kind}${isSharp.get(kind) ? '' : ' (not sharp)'} | ${cells.join(' | ')} |`)
}
lines.push(`| recall of the sharp faults within two windows | ${recalls(2)} |`)
lines.push(`| recall of the sharp faults | ${recalls(Number.POSITIVE_INFINITY)} |`)
lines.push(
  `| precision: alerts that belong to a fault | ${scores.map(({ alerts, wrong }) => `${(1 - wrong.length / Math.max(1, alerts)).toFixed(3)} of ${alerts}`).join(' | ')} |`,
)
lines.push(
  `| alerts in the clean week | ${Object.values(clean.episodes)
    .map(({ length }) => length)
    .join(' | ')} |`,
)
process.stdout.write(`${lines.join('\n')}\n`)
if (values.write) writeSection(join(ROOT, 'docs/detection.md'), 'quality', lines.join('\n'))
if (values.wrong)
  for (const { key, fromUs, ...more } of [...(scores[0]?.wrong ?? []), ...clean.episodes['hivetap detect']])
    process.stdout.write(
      `${new Date(fromUs / 1000).toISOString()} ${((fromUs - START_US) / MINUTE_US).toFixed(0)} ${JSON.stringify(key)} ${'rule' in more ? more.rule : ''}\n`,
    )

/** Which part of the sharp faults was found, a cell each. @param {number} minutes in which they were, at most */
function recalls(minutes) {
  const parts = scores.map(({ byKind }) => {
    const sharp = [...byKind].filter(([kind]) => isSharp.get(kind)).map(([, score]) => score)
    const found = sharp.flatMap(({ delays }) => delays.filter((delay) => delay <= minutes)).length
    return found / sharp.reduce((sum, { of }) => sum + of, 0)
  })
  return parts.map((part) => part.toFixed(3)).join(' | ')
}

/** @param {readonly number[]} sorted */
function middle(sorted) {
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
