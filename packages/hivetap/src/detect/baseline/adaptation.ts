/**
 * What becomes of a window's value: it is learnt as usual; held, since it may be of a fault; or what is held and this one become
 * what is usual, and all before is forgotten.
 */
export type Learn = 'learn' | 'hold' | 'adopt'

export interface AdaptationOptions {
  /** Bad windows in a row after which it is no fault but a new usual: a whole number of 1 or more. */
  readonly adaptWindows: number
}

/**
 * Keeps a fault from being learnt as usual, and a change that lasts from being a fault for ever. What it knows of a key is a
 * small number, 0 at first.
 *
 * It is not asked of windows with too few connects to say anything. One that cannot be judged since there is no history is not
 * bad: history must begin somewhere.
 */
export class Adaptation {
  readonly #adaptWindows: number

  /** @throws {RangeError} if `adaptWindows` is not a whole number from 1 to 65535 */
  constructor({ adaptWindows }: AdaptationOptions) {
    if (!Number.isInteger(adaptWindows) || adaptWindows < 1 || adaptWindows > 65_535)
      throw new RangeError(`Cannot adapt after ${adaptWindows} windows: give a whole number from 1 to 65535`)
    this.#adaptWindows = adaptWindows
  }

  /** What follows of the next window. @param state what the last one gave; it fits into 16 bits */
  next(state: number, bad: boolean): { readonly state: number; readonly learn: Learn } {
    if (!bad) return { state: 0, learn: 'learn' }
    if (state + 1 >= this.#adaptWindows) return { state: 0, learn: 'adopt' }
    return { state: state + 1, learn: 'hold' }
  }
}
