type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array

/** The numbers in an array that is twice as long, and holds `length` at least; what is new is 0. */
export function grown<T extends Numbers>(old: T, make: new (length: number) => T, length: number): T {
  const more = new make(Math.max(length, old.length * 2))
  more.set(old)
  return more
}
