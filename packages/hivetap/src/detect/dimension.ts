/** What a rule can look at apart: each destination by itself, each source and destination, each host. */
export const DIMENSIONS = ['host', 'comm', 'source', 'destination'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** The values of a rule's dimensions, in the order of DIMENSIONS: what an alert is about. */
export type Key = Readonly<Partial<Record<Dimension, string>>>
