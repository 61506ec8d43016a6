import type { Judgement } from '../judge/judgement.js'
import { NumbersByKey } from '../keys/numbers-by-key.js'
import type { BaselineRule } from '../rules/rule.js'
import { Adaptation } from './adaptation.js'
import { HistoryPool, type UsualAt } from './history-pool.js'

/** What is usual for each key, by a rule: learnt of windows that were calm; of bad ones only once that has lasted. */
export class Baselines {
  readonly #rule: BaselineRule
  readonly #pool: HistoryPool
  readonly #adaptation: Adaptation
  /** Handle of a key's history, and one; 0 is none. */
  readonly #history = new NumbersByKey(Int32Array)
  readonly #adapting = new NumbersByKey(Int32Array)

  constructor(rule: BaselineRule) {
    this.#rule = rule
    this.#pool = new HistoryPool({ windows: rule.history, seasonal: rule.seasonal })
    this.#adaptation = new Adaptation({ adaptWindows: rule.adaptAfter })
  }

  /** Undefined as long as there are too few past windows. */
  usual(key: number, atUs: number): UsualAt | undefined {
    const history = this.#history.get(key) - 1
    return history < 0 ? undefined : this.#pool.usual(history, atUs, this.#rule.minHistory)
  }

  /** What a window was found to be. */
  learn(key: number, startUs: number, { verdict, connects, observed }: Judgement): void {
    if (connects < this.#rule.minConnects || verdict === 'unknown') return
    const { state, learn } = this.#adaptation.next(this.#adapting.get(key), verdict === 'bad')
    this.#adapting.set(key, state)
    let history = this.#history.get(key) - 1
    if (history < 0) {
      history = this.#pool.create()
      this.#history.set(key, history + 1)
    }
    this.#pool.push(history, startUs, observed, learn)
  }

  forget(key: number): void {
    const history = this.#history.get(key) - 1
    if (history >= 0) this.#pool.free(history)
    this.#history.set(key, 0)
    this.#adapting.set(key, 0)
  }

  /** What is known of a key, to be taken up again by `restore`; `undefined` if nothing is. */
  state(key: number): { readonly history: Uint8Array; readonly adapting: number } | undefined {
    const history = this.#history.get(key) - 1
    return history < 0
      ? undefined
      : { history: this.#pool.encode(history), adapting: this.#adapting.get(key) }
  }

  /** @throws {DetectStateError} if the bytes are no history */
  restore(
    key: number,
    { history, adapting }: { readonly history: Uint8Array; readonly adapting: number },
  ): void {
    this.#history.set(key, this.#pool.decode(history) + 1)
    this.#adapting.set(key, adapting)
  }
}
