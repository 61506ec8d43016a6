/** An agent cannot run as it is told to: the message says why, and what to do. */
export class AgentError extends Error {}
