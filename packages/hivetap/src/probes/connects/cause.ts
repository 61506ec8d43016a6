/** Why a connect took as long as it did; `unknown` where that cannot be told. */
export const CAUSES = [
  /** A SYN, or its answer, was lost: it was sent again. */
  'syn_loss',
  /** The peer, or the way to it, is far or slow: the round trip takes that long. */
  'network',
  /** The packets were quick: this host took its time to send or to see them. */
  'host',
  /** With TCP Fast Open the SYN waits for the program's first write: the time is the program's. */
  'fast_open',
  'unknown',
] as const
export type Cause = (typeof CAUSES)[number]

/** What the handshake measured. */
export interface Handshake {
  readonly latencyUs: number
  /** Smoothed round-trip time; 0 if it is not known. */
  readonly srttUs: number
  readonly retransmits: number
  readonly fastOpen: boolean
}

/** Up to here beyond the round trip, a handshake took as long as it must: processing at both ends. */
const SLACK_US = 1000
/** From here on, the excess is the host's. Between the two it is not told. */
const HOST_US = 2000

/**
 * The cause, from what the handshake measured.
 *
 * The excess is the latency beyond the round trip. `network`: at most 1 ms, or half the round trip. `host`: at least 2 ms,
 * and the round trip. Between the two nothing can be said.
 */
export function causeOf({ latencyUs, srttUs, retransmits, fastOpen }: Handshake): Cause {
  if (retransmits > 0) return 'syn_loss'
  if (srttUs === 0) return 'unknown'
  const excess = latencyUs - srttUs
  if (excess <= Math.max(SLACK_US, srttUs / 2)) return 'network'
  if (fastOpen) return 'fast_open'
  return excess >= Math.max(HOST_US, srttUs) ? 'host' : 'unknown'
}
