/**
 * A sketch of one bin, in the 32 bits where others have the place of their block: most keys of a window have one connect or two,
 * and a block for each would be most of what a million of them take.
 */

/** Stands for the length of such a sketch: none has so many bins. */
export const ONLY_BIN = 0xfffe
/** What it counts at most: beyond, it takes a block. */
export const MOST_OF_ONLY_BIN = 0xffff

/** @param count 1 … MOST_OF_ONLY_BIN */
export function onlyBin(bin: number, count: number): number {
  return ((bin << 16) | count) >>> 0
}

export function binOfOnly(packed: number): number {
  return packed >>> 16
}

export function countOfOnly(packed: number): number {
  return packed & 0xffff
}
