/** Of listing offsets, in place of a time: the first that there is, and the one behind the last. */
export const EARLIEST = -2n
export const LATEST = -1n
