import { readFileSync } from 'node:fs'
import { cgroupIdOf } from '../../support/cgroup.js'
import type { JsonEvent } from '../../support/hivetap.js'

/**
 * How a tool is tried. What it has to tell is known from elsewhere: from whoever does the thing, the test's own clock,
 * and /proc. A tool's trial is the default export of tools/TOOL.ts, and is found there.
 */
export type BeginTrial = () => Promise<Trial>

export interface Trial {
  /** Arguments of the command, behind the tool's name. */
  readonly args: readonly string[]
  /** Does what is to be told, once it is attached. */
  act(): Promise<readonly ExpectedEvent[]>
  /** Whether an event is of this trial's own doing; all are, unless told. */
  isOwn?(event: JsonEvent, expected: readonly ExpectedEvent[]): boolean
  /** Fields that may be missing where only /proc tells them: its processes may be gone by then. */
  readonly fleeting?: readonly string[]
  /** Ends what it started. */
  stop(): void
}

type Value = string | number | boolean | readonly string[]
/** What a field has to be: a value, or all that a function says yes to. */
export type Expected = Value | ((value: unknown) => boolean)
/** All fields of an event, but for those of the envelope; one that is `undefined` must not be there. */
export type ExpectedEvent = Readonly<Record<string, Expected | undefined>>

const ENVELOPE = ['version', 'event_id', 'time', 'host', 'tool']

/** From 1 up to what the test's own clock measured. */
export function within(us: number): (value: unknown) => boolean {
  return (value) => Number(value) > 0 && Number(value) <= us
}

/** Whether a time, in RFC 3339, is one between two of the wall clock, milliseconds; a hundredth of a second may be lost. */
export function wallTimeWithin(from: number, to: number): (value: unknown) => boolean {
  return (value) => Date.parse(String(value)) >= from - 20 && Date.parse(String(value)) <= to + 20
}

/** The control group of a process: where they are mounted nowhere, all are in the root. */
export function cgroupOf(pid: number | 'self'): number {
  return cgroupIdOf(pid) ?? 1
}

/** The name of this process, as the kernel has it: Node does not say. */
export function ownComm(): string {
  return readFileSync('/proc/thread-self/comm', 'utf8').replace(/\n$/, '')
}

/**
 * Where events are not what they have to be.
 *
 * @param without fields that are said not to be known
 * @param fleeting fields that may be missing
 */
export function problemsOfEvents(
  seen: readonly JsonEvent[],
  expected: readonly ExpectedEvent[],
  without: readonly string[],
  fleeting: readonly string[] = [],
): string[] {
  if (seen.length !== expected.length) return [`${seen.length} events instead of ${expected.length}`]
  return seen.flatMap((event, index) => {
    const wanted = expected[index] ?? {}
    const fields = new Set([...Object.keys(wanted), ...Object.keys(event)])
    return [...fields]
      .filter((field) => !ENVELOPE.includes(field))
      .filter((field) => event[field] !== undefined || !fleeting.includes(field))
      .filter((field) => !isRight(event[field], without.includes(field) ? undefined : wanted[field]))
      .map((field) => {
        const value = JSON.stringify(event[field])
        const right = typeof wanted[field] === 'function' ? 'right' : JSON.stringify(wanted[field])
        return `${field} of event ${index} is ${value}, not ${right}`
      })
  })
}

function isRight(value: unknown, wanted: Expected | undefined): boolean {
  if (typeof wanted === 'function') return wanted(value)
  return JSON.stringify(value) === JSON.stringify(wanted)
}
