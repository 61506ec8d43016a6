/**
 * Start of the window that a time is in: windows follow each other without a gap from 1970 on.
 *
 * @param timeUs microseconds since 1970
 * @param windowUs how long a window is
 */
export function windowStart(timeUs: number, windowUs: number): number {
  const into = timeUs % windowUs
  return timeUs - into - (into < 0 ? windowUs : 0)
}
