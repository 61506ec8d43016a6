/** Events that are older than this when they come are of a replay: no clock goes on for them. Microseconds. */
const LIVE_US = 60_000_000

/**
 * How far time has come while nothing was read: windows of a live run end though nobody connects any more. In a replay, time
 * goes on by its events alone.
 *
 * @param newestUs time of the newest event, microseconds since 1970
 * @param silentUs for how long nothing was read
 * @returns `undefined` where time does not go on by itself
 */
export function liveTime(
  newestUs: number,
  silentUs: number,
  nowUs: number,
  latenessUs: number,
): number | undefined {
  if (!(newestUs > nowUs - silentUs - LIVE_US)) return undefined
  return Math.min(nowUs, newestUs + silentUs) - latenessUs
}
