/** What became of what was read: lines = observations + other + unreadable. */
export interface InputCounts {
  /** Lines of text, or records of a topic. */
  lines: number
  /** Connects that were given away. */
  observations: number
  /** What is no connect, and is not meant to be one: headers, accounts, events of other tools, empty lines. */
  other: number
  /** What could not be read, by reason: a short name, such as `not_json`, `columns`, `number`, `too_long`. */
  readonly unreadable: Map<string, number>
  /** The first that could not be read, cut and printable; with where it stands. */
  firstUnreadable?: { readonly where: string; readonly reason: string; readonly text: string }
}
