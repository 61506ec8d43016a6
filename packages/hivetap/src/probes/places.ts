/** The one place below an end, of those that are so aligned, where every sample holds what it must; else `undefined`. */
export function onlyPlace<S>(
  alignment: number,
  end: number,
  samples: readonly S[],
  holds: (sample: S, at: number) => boolean,
): number | undefined {
  const places: number[] = []
  for (let at = 0; at < end; at += alignment)
    if (samples.every((sample) => holds(sample, at))) places.push(at)
  return places.length === 1 ? places[0] : undefined
}

/** A little-endian u32; beyond the end -1, which none is. */
export function u32(bytes: Uint8Array, at: number): number {
  if (at < 0 || at + 4 > bytes.byteLength) return -1
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true)
}

/** A little-endian u64; beyond the end -1, which none is. */
export function u64(bytes: Uint8Array, at: number): bigint {
  if (at < 0 || at + 8 > bytes.byteLength) return -1n
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true)
}
