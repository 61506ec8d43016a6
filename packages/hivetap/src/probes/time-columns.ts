import { monotonicNs } from '@hivetap/bpf'
import type { Column } from './tool.js'

/** What both columns need of an event: when it happened, nanoseconds of CLOCK_MONOTONIC. */
interface Timed {
  readonly timeNs: number
}

/** Seconds since the first event that is shown. */
export function sinceFirstColumn(width: number): Column<Timed> {
  let first: number | undefined
  return {
    header: 'TIME(s)',
    width,
    clock: 'since_first',
    text: ({ timeNs }) => {
      first ??= timeNs
      return ((timeNs - first) / 1e9).toFixed(3)
    },
  }
}

/** The time of day, local: `18:12:34`. */
export function timeOfDayColumn(header: string): Column<Timed> {
  return { header, width: 8, clock: 'time_of_day', text: ({ timeNs }) => timeOfDay(wallTime(timeNs)) }
}

function wallTime(timeNs: number): Date {
  const agoMs = Number(monotonicNs() - BigInt(Math.round(timeNs))) / 1e6
  return new Date(Date.now() - agoMs)
}

/** A time as its time of day, local: `18:12:34`. */
export function timeOfDay(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}
