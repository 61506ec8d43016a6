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
  const views = samples.map(({ bytes }) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  const size = Math.min(...samples.map(({ bytes }) => bytes.byteLength))
  const only = (
    holds: (view: DataView, offset: number, sample: SocketSample) => boolean,
  ): number | undefined => {
    const places: number[] = []
    for (let offset = 0; offset + 4 <= size; offset += 4) {
      const everywhere = samples.every((sample, index) => holds(views[index] as DataView, offset, sample))
      if (everywhere) places.push(offset)
    }
    return places.length === 1 ? places[0] : undefined
  }
  const errors = new Set(samples.map(({ error }) => error))
  const rtts = new Set(samples.flatMap(({ rttUs }) => rttUs ?? []))
  return {
    error:
      errors.size < 2 ? undefined : only((view, offset, { error }) => view.getInt32(offset, true) === error),
    srtt:
      rtts.size < LEAST_DISTINCT_RTTS
        ? undefined
        : only(
            (view, offset, { rttUs }) => rttUs === undefined || view.getUint32(offset, true) >>> 3 === rttUs,
          ),
  }
}
