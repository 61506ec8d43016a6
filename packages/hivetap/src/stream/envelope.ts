/** Version of the envelope: a field's meaning changes only with it; fields may be added without. */
export const ENVELOPE_VERSION = 1
