import type { Beginning } from './beginning.js'
import type { Tenure } from './tenure.js'

/**
 * A tenure as it is kept. There are tens of thousands: an object that is put together by spreading others has a hidden class of
 * its own, which takes more than the object; and all that is heard of at once begins alike, and shares that.
 */
export class Term implements Tenure {
  readonly #begun: Beginning
  until = Number.POSITIVE_INFINITY
  latest = Number.POSITIVE_INFINITY

  constructor(begun: Beginning) {
    this.#begun = begun
  }

  get earliest(): number {
    return this.#begun.earliest
  }

  get from(): number {
    return this.#begun.from
  }
}
