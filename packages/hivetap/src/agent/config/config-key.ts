/** A key of the configuration, as help, flags and reference tell of it. */
export interface ConfigKey {
  /** Where it stands: `['spool', 'max_bytes']`; of a sink, below its own map. */
  readonly path: readonly string[]
  readonly help: string
  readonly type: KeyType
  /** What help calls its value: `SIZE`. */
  readonly value: string
  /** All values that it takes, where they are a few names. */
  readonly choices?: readonly string[]
  /** As it would be written; absent where there is none. */
  readonly default?: string
  readonly required: boolean
  /** Its flag; absent for what a flag cannot say. */
  readonly flag?: string
}

/** How a flag's text becomes a value: `texts` are many, with commas between them. `other` stands in a file alone. */
export type KeyType = 'text' | 'number' | 'boolean' | 'texts' | 'other'

/** Keys that stand together in the help: the agent's own, or those of a kind of sink. */
export interface KeyGroup {
  /** `spool`, `log`; empty for keys that stand in none. */
  readonly name: string
  readonly help: string
  /** The type of the sink that they are of. */
  readonly sink?: string
  readonly keys: readonly ConfigKey[]
}
