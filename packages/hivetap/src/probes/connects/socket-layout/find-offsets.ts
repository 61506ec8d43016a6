import { onlyPlace, u32 } from '../../places.js'

/** The bytes of a socket at the end of a connect, with what is known of that connect. */
export interface SocketSample {
  readonly bytes: Uint8Array
  /** Its error number: sk_err. */
  readonly error: number
  /** Its smoothed round trip as TCP_INFO tells it, microseconds; `undefined` where there was none. */
  readonly rttUs: number | undefined
}

/** Offsets in `struct tcp_sock` of a kernel, in bytes; `undefined` where the samples do not tell. */
export interface SocketLayout {
  /** `sk_err`, s32. */
  readonly error: number | undefined
  /** `srtt_us`, u32, in eighths of a microsecond. */
  readonly srtt: number | undefined
}

/** Fewer round trips than this, or all alike, could stand anywhere. */
const LEAST_DISTINCT_RTTS = 3

/**
 * Finds where a kernel keeps the error and the round trip of a connect: at the one place where every sample has what it
 * must have. Where that is not one place, it is not known: nothing is guessed.
 */
export function findOffsets(samples: readonly SocketSample[]): SocketLayout {
  const size = Math.min(...samples.map(({ bytes }) => bytes.byteLength))
  const only = (holds: (value: number, sample: SocketSample) => boolean) =>
    onlyPlace(4, size, samples, (sample, at) => holds(u32(sample.bytes, at), sample))
  const errors = new Set(samples.map(({ error }) => error))
  const rtts = new Set(samples.flatMap(({ rttUs }) => rttUs ?? []))
  return {
    error: errors.size < 2 ? undefined : only((value, { error }) => value === error),
    srtt:
      rtts.size < LEAST_DISTINCT_RTTS
        ? undefined
        : only((value, { rttUs }) => rttUs === undefined || value >>> 3 === rttUs),
  }
}
