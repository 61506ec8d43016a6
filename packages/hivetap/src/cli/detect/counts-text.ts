import type { AlertSinkState } from '../../delivery/alerts/alert-relay.js'
import type { Latest } from '../../detect/detector.js'
import { quoted } from '../../detect/input/tally.js'
import type { Watch } from '../../sinks/detect/watch.js'

/** What was read and what became of it, in one line; and what was not as it should be, in one each. */
export function countsText(watch: Watch, sinks: readonly AlertSinkState[]): string {
  const { reader, detector } = watch
  const {
    lines,
    observations,
    other,
    unreadable,
    firstUnreadable,
    clamped,
    summaries,
    summarised,
    twins,
    untoldTwins,
  } = reader.counts
  const bad = [...unreadable.values()].reduce((sum, count) => sum + count, 0)
  const { evicted, refused } = detector.keys
  const more = summaries === 0 ? '' : `, ${summaries} summaries of ${summarised} more`
  const read =
    // The store gives connects, and no lines but of summaries.
    lines === summaries && detector.observed > 0
      ? `${detector.observed} connects`
      : `${lines} lines: ${observations - summaries} connects${more}, ${other} of other things, ${bad} unreadable`
  const told = [`${read}; ${watch.opened} alerts opened, ${detector.openAlerts.length} are open`]
  if (firstUnreadable !== undefined) {
    const reasons = [...unreadable].map(([reason, count]) => `${reason} ${count}`).join(', ')
    const { where, text } = firstUnreadable
    told.push(`unreadable: ${reasons}; the first, ${where}: ${text}`)
  }
  if (detector.late > 0)
    told.push(
      `${detector.late} connects came when their window was closed: --lateness lets them come later${latestText(detector.latest)}`,
    )
  if (detector.copies > 0) told.push(`${detector.copies} connects came again: each counts once`)
  if (twins > 0)
    told.push(
      `${twins} connects were told by another tool of the same run too: each counts once, by that one`,
    )
  if (untoldTwins > 0)
    told.push(
      `${untoldTwins} hosts tell connects by tcpconnect and by tcpconnlat in runs of their own: each may count twice; run both in one agent, or in one hivetap trace`,
    )
  if (detector.copiesForgotten > 0)
    told.push(
      `of ${detector.copiesForgotten} connects it was forgotten that they came, for want of room: copies of them counted`,
    )
  if (clamped > 0) told.push(`${clamped} connects were of times yet to come: they were taken for now`)
  if (evicted + refused > 0)
    told.push(
      `${evicted} keys were forgotten as the rarest, ${refused} connects were of keys that found no room: max_keys bounds them`,
    )
  for (const { name, waiting, counters } of sinks) {
    const lost = [...counters.lost.values()].reduce((sum, count) => sum + count, 0)
    if (lost + waiting > 0) told.push(`${name}: ${counters.told} alerts told, ${lost + waiting} not`)
  }
  return told.map((line) => `hivetap: ${line}\n`).join('')
}

/** Whose clock or spool is to be looked at. Names of hosts were written by anyone. */
function latestText(latest: Latest | undefined): string {
  if (latest === undefined || latest.host === '' || latest.aheadHost === '') return ''
  const { byUs, host, aheadHost } = latest
  return `; most of all one of ${quoted(host)}, ${(byUs / 1e6).toFixed(1)} s behind ${quoted(aheadHost)}`
}
