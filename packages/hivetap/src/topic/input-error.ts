/** What is to be read cannot be: the message says what and why, for whoever asked. */
export class InputError extends Error {}
