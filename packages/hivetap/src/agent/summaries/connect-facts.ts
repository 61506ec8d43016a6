import { causeNamed, outcomeOf } from '../../detect/input/labels.js'
import type { Outcome } from '../../detect/observation.js'
import type { Cause } from '../../probes/connects/cause.js'
import type { AnyTool, FieldValue } from '../../probes/tool.js'

/** What a summary takes of a connect. */
export interface ConnectFacts {
  comm: string
  address: string
  port: number
  pid: number
  /** Microseconds; -1 if it is not known. */
  latencyUs: number
  outcome: Outcome
  cause: Cause
  /** SYN packets that were sent again. */
  retransmits: number
}

/** Fields without which an event cannot be summed up. */
const NEEDED = ['comm', 'destination_address', 'destination_port', 'latency_us', 'outcome'] as const

/** Whether a tool's events are connects that can be summed up. */
export function isSummable({ fields }: Pick<AnyTool, 'fields'>): boolean {
  return NEEDED.every((name) => fields.some((field) => field.name === name))
}

/**
 * Reads them of a tool's events.
 *
 * @param missing fields that cannot be filled: what they would tell is not known
 * @returns what it gives is filled anew with the next
 */
export function factsOf(
  { fields }: Pick<AnyTool, 'fields'>,
  missing: ReadonlyMap<string, string>,
): (event: unknown) => ConnectFacts {
  const reader = (name: string): ((event: unknown) => FieldValue | undefined) =>
    missing.has(name)
      ? () => undefined
      : (fields.find((field) => field.name === name)?.value ?? (() => undefined))
  const [comm, address, outcome, cause] = ['comm', 'destination_address', 'outcome', 'cause'].map(reader)
  const [port, pid, latency, retransmits] = ['destination_port', 'pid', 'latency_us', 'retransmits'].map(
    reader,
  )
  const facts: ConnectFacts = {
    comm: '',
    address: '',
    port: 0,
    pid: 0,
    latencyUs: -1,
    outcome: 'unknown',
    cause: 'unknown',
    retransmits: 0,
  }
  return (event) => {
    facts.comm = String(comm?.(event) ?? '')
    facts.address = String(address?.(event) ?? '')
    facts.port = Number(port?.(event) ?? 0)
    facts.pid = Number(pid?.(event) ?? 0)
    facts.latencyUs = Number(latency?.(event) ?? -1)
    facts.outcome = outcomeOf(String(outcome?.(event) ?? ''))
    facts.cause = causeNamed(String(cause?.(event) ?? ''))
    facts.retransmits = Number(retransmits?.(event) ?? 0)
    return facts
  }
}
