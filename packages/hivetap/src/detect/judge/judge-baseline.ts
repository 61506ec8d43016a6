import { timeOfUs } from '../alert-words.js'
import type { UsualAt } from '../baseline/history-pool.js'
import { robustThreshold } from '../baseline/robust-threshold.js'
import type { Verdict } from '../baseline/verdict.js'
import type { BaselineRule } from '../rules/rule.js'
import type { SketchPool } from '../sketch/sketch-pool.js'
import { chanceOf } from './chance.js'
import type { Judgement } from './judgement.js'

/**
 * By what is usual for the key.
 *
 * @param sketch handle of the latencies of the window's answered connects; -1 if there were none
 */
export function judgeBaseline(
  rule: BaselineRule,
  sketches: SketchPool,
  sketch: number,
  usual: UsualAt | undefined,
): Judgement {
  const connects = sketch < 0 ? 0 : sketches.count(sketch)
  const observed = connects === 0 ? 0 : Math.round(sketches.quantile(sketch, rule.quantile))
  const threshold = usual === undefined ? 0 : Math.round(robustThreshold(usual, rule))
  const isAbove = usual !== undefined && observed > threshold
  const figures = {
    connects,
    bad: isAbove ? sketches.countAbove(sketch, threshold) : 0,
    observed,
    threshold,
    ...(usual !== undefined && { usual: Math.round(usual.medianUs) }),
  }
  const say = (verdict: Verdict, why: string): Judgement => ({ verdict, why, ...figures })
  if (connects === 0) return say('calm', 'no connects')
  const found = `p${Number((rule.quantile * 100).toFixed(2))} ${timeOfUs(observed)}`
  if (usual === undefined)
    return say('calm', `${found}: not yet ${rule.minHistory} past windows to hold it against`)
  const held = `${found}, usual ${timeOfUs(usual.medianUs)} (${usual.windows} windows${usual.seasonal ? ' of this hour of the week' : ''}), limit ${timeOfUs(threshold)}`
  if (!isAbove) return say('calm', held)
  if (connects < rule.minConnects)
    return say('unknown', `${held}: fewer connects than min_connects, ${rule.minConnects}`)
  // Of a few connects, some that are slow by chance make the quantile jump.
  const { bad } = figures
  if (chanceOf(bad, connects, 1 - rule.quantile) > rule.chance)
    return say('unknown', `${held}: ${bad} of ${connects} above it may be chance`)
  return say('bad', held)
}
