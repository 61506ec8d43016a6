import { type Balance, DROP_REASONS, type DropReason, describeBalance } from '../../probes/balance.js'
import { TOOLS } from '../../probes/tools.js'
import type { JsonObject } from '../../stream/json-object.js'
import { printable } from '../../stream/printable.js'
import type { SessionTally, ToolTally } from './tally.js'

/** What all nodes did, of one tool. */
export interface FleetBalance {
  readonly tool: string
  /** The sum of the accounts that were closed, with what became of the events on their way here. */
  readonly balance: Balance
  /** Nodes of which a session has no account, since its connection was lost, and what they told in it all the same. */
  readonly unaccounted: { readonly nodes: readonly string[]; readonly told: number }
}

/** Adds up what sessions told, tool by tool. */
export function fleetBalances(sessions: readonly SessionTally[]): FleetBalance[] {
  const tools = [...new Set(sessions.flatMap((session) => [...session.tools.keys()]))]
  return tools.map((tool) => {
    const tallies = sessions.flatMap((session) => {
      const tally = session.tools.get(tool)
      return tally === undefined ? [] : [{ node: session.node, tally }]
    })
    const open = tallies.filter(({ tally }) => !tally.ended)
    return {
      tool,
      balance: sumOf(tallies.filter(({ tally }) => tally.ended).map(({ tally }) => balanceOf(tally))),
      unaccounted: {
        nodes: [...new Set(open.map(({ node }) => node))],
        told: open.reduce((sum, { tally }) => sum + tally.written, 0),
      },
    }
  })
}

/** Lines for people: what was seen, what was lost, and what nobody can know. */
export function describeFleet(balances: readonly FleetBalance[], nodes: number): string[] {
  return balances.flatMap(({ tool, balance, unaccounted }) => {
    const subject = TOOLS.find(({ name }) => name === tool)?.subject ?? `events of ${printable(tool)}`
    const who = nodes === 1 ? '1 node' : `${nodes} nodes`
    const lines = [`${who}: ${describeBalance(balance, subject)}`]
    if (unaccounted.nodes.length > 0)
      lines.push(
        `without an account, since the connection was lost: ${unaccounted.told} ${subject} told by ` +
          `${unaccounted.nodes.join(', ')}; what else happened there is not known`,
      )
    return lines
  })
}

/** The account of a session that is closed: what the node delivered is here, could not be read, or was not written. */
function balanceOf({ ledger = {}, received, written }: ToolTally): Balance {
  const dropped = new Map<DropReason, number>()
  const drop = (reason: DropReason, count: number) => {
    if (count > 0) dropped.set(reason, (dropped.get(reason) ?? 0) + count)
  }
  const told = (ledger['dropped'] ?? {}) as JsonObject
  for (const reason of DROP_REASONS) drop(reason, countIn(told, reason))
  drop('malformed', countIn(ledger, 'delivered') - received)
  drop('output', received - written)
  return {
    produced: countIn(ledger, 'produced'),
    delivered: written,
    filtered: countIn(ledger, 'filtered'),
    sampledOut: countIn(ledger, 'sampled_out'),
    inFlight: countIn(ledger, 'in_flight'),
    dropped,
    truncated: countIn(ledger, 'truncated'),
    missedRuns: countIn(ledger, 'missed_runs'),
  }
}

function countIn(record: JsonObject, name: string): number {
  const value = record[name]
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0
}

function sumOf(balances: readonly Balance[]): Balance {
  const dropped = new Map<DropReason, number>()
  for (const balance of balances)
    for (const [reason, count] of balance.dropped) dropped.set(reason, (dropped.get(reason) ?? 0) + count)
  const sum = (name: Exclude<keyof Balance, 'dropped' | 'summarised'>) =>
    balances.reduce((total, balance) => total + balance[name], 0)
  return {
    produced: sum('produced'),
    delivered: sum('delivered'),
    filtered: sum('filtered'),
    sampledOut: sum('sampledOut'),
    inFlight: sum('inFlight'),
    dropped,
    truncated: sum('truncated'),
    missedRuns: sum('missedRuns'),
  }
}
