/** A selector that cannot be read: the message says what is wrong with it, and where. */
export class SelectorError extends Error {}
