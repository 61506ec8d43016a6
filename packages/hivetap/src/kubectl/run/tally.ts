import type { JsonObject } from '../../stream/json-object.js'

/** What became of a tool's events in a session. */
export interface ToolTally {
  /** Its last account there. */
  ledger?: JsonObject
  /** Whether that was the last one of all: the account is closed. */
  ended: boolean
  /** Things told by what arrived here. */
  received: number
  /** Things told by what was written here. */
  written: number
}

/** What was heard of a session: on one node, from its start to its end. */
export class SessionTally {
  readonly node: string
  readonly tools = new Map<string, ToolTally>()
  /** Lines that could not be read. */
  unreadable = 0

  constructor(node: string) {
    this.node = node
  }

  /** Of a tool: there are few, whatever a node tells. */
  of(tool: string): ToolTally | undefined {
    const known = this.tools.get(tool)
    if (known !== undefined || this.tools.size >= MOST_TOOLS) return known
    const fresh: ToolTally = { ended: false, received: 0, written: 0 }
    this.tools.set(tool, fresh)
    return fresh
  }
}

const MOST_TOOLS = 100
