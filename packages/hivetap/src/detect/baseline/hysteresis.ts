import type { Verdict } from './verdict.js'

export interface HysteresisOptions {
  /** Bad windows in a row that open an alert: 1 … 1023. */
  readonly openAfter: number
  /** Calm windows in a row that resolve it: 1 … 1023. */
  readonly resolveAfter: number
}

export interface HysteresisStep {
  /** To be given with the next window. */
  readonly state: number
  /** What is to be told. */
  readonly change: 'open' | 'resolve' | undefined
}

/** The state: bit 0, open or not; ten bits of bad windows in a row; ten of calm ones. 0 is the first. */
const OPEN = 1
const BAD_SHIFT = 1
const CALM_SHIFT = 11
const MOST_WINDOWS = 1023

/** Keeps one window from opening an alert, or from ending it. What it knows of a key is one small number. */
export const Hysteresis = {
  /** What follows of the next window. An unknown one changes nothing, and does not end a row. */
  next(state: number, verdict: Verdict, { openAfter, resolveAfter }: HysteresisOptions): HysteresisStep {
    if (verdict === 'unknown') return { state, change: undefined }
    const open = Hysteresis.isOpen(state)
    const bad = verdict === 'bad' ? Math.min(Hysteresis.badWindows(state) + 1, MOST_WINDOWS) : 0
    const calm = verdict === 'calm' ? Math.min(Hysteresis.calmWindows(state) + 1, MOST_WINDOWS) : 0
    if (!open && bad >= openAfter) return { state: packed(OPEN, bad, 0), change: 'open' }
    if (open && calm >= resolveAfter) return { state: packed(0, 0, calm), change: 'resolve' }
    return { state: packed(open ? OPEN : 0, bad, calm), change: undefined }
  },

  isOpen(state: number): boolean {
    return (state & OPEN) !== 0
  },

  /** Bad windows in a row, up to the last one that was known; 1023 stands for more. */
  badWindows(state: number): number {
    return (state >>> BAD_SHIFT) & MOST_WINDOWS
  },

  /** Calm windows in a row; 1023 stands for more. */
  calmWindows(state: number): number {
    return (state >>> CALM_SHIFT) & MOST_WINDOWS
  },
} as const

function packed(open: number, bad: number, calm: number): number {
  return open | (bad << BAD_SHIFT) | (calm << CALM_SHIFT)
}
