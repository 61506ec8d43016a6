/** Exit statuses, as is customary: 0 it worked, 1 it did not, 2 it was called wrongly. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const
