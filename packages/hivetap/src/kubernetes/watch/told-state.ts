import type { KubeErrorKind } from '../client/kube-error.js'
import type { WatchSink } from './watch-sink.js'
import type { WatchState } from './watch-state.js'

/** The state of a watch, of which a sink is told as it becomes another. */
export class ToldState {
  readonly #sink: Pick<WatchSink<never>, 'state'>
  #state: WatchState | undefined

  constructor(sink: Pick<WatchSink<never>, 'state'>) {
    this.#sink = sink
  }

  /** As the sink was told it last. */
  get last(): WatchState {
    return this.#state ?? { kind: 'listing' }
  }

  /** It is asked for. While it is away that is what is to be said, until it has answered. */
  listing(): void {
    if (this.#state?.kind !== 'away') this.#say({ kind: 'listing' })
  }

  /** A watch stands. */
  watching(): void {
    this.#say({ kind: 'watching' })
  }

  /** It came to nothing. What is too old is not the server's absence, unless it is away already. */
  failed(error: KubeErrorKind, reason: string): void {
    const before = this.#state
    const isAway = before?.kind === 'away'
    if (error === 'expired' && !isAway) return
    this.#say({ kind: 'away', sinceMs: isAway ? before.sinceMs : Date.now(), error, reason })
  }

  #say(state: WatchState): void {
    const isSame =
      state.kind === this.#state?.kind &&
      (state.kind !== 'away' || (this.#state.kind === 'away' && state.reason === this.#state.reason))
    if (isSame) return
    this.#state = state
    this.#sink.state?.(state)
  }
}
