import type { KubeErrorKind } from '../client/kube-error.js'

/** Whether what is known is what the cluster has. */
export type WatchState =
  /** It is being asked for, at first or once more. */
  | { readonly kind: 'listing' }
  /** What is known is as fresh as the server tells it. */
  | { readonly kind: 'watching' }
  /** The server does not answer: what is known is of before. It is tried again. */
  | {
      readonly kind: 'away'
      /** Since when, milliseconds since 1970. */
      readonly sinceMs: number
      readonly error: KubeErrorKind
      /** The last failure, and what to do about it. */
      readonly reason: string
    }

/** The state, for people. */
export function describeWatchState(state: WatchState): string {
  if (state.kind !== 'away') return state.kind
  return `away since ${new Date(state.sinceMs).toISOString()}: ${state.reason}`
}
