/** Exit statuses, as is customary: 0 it worked, 1 it did not, 2 it was called wrongly; 3 what is there is not what was asked for. */
export const EXIT = { ok: 0, failure: 1, usage: 2, different: 3 } as const
