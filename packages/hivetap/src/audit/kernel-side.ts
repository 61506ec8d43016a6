import type { EpochState, LedgerAccount } from './audit-record.js'
import type { Contradictions } from './contradictions.js'
import type { At, EpochBook } from './epoch-book.js'
import type { StreamSide } from './stream-side.js'

/** Whether what the tools told is what was numbered. */
export interface DeliveredCheck {
  /** Events that the last account of each tool says were told, together. */
  readonly delivered: number
  /** Events that the epoch says were numbered, with those in summaries that were. */
  readonly events: number
  /** `proven`: they are the same. `within`: they are as near as can be known. `unknown`: what it takes is not there. */
  readonly outcome: 'proven' | 'within' | 'unknown' | 'contradicted'
  /** How many events lie between the accounts, at most, for `within`. */
  readonly between: number
}

/** What became of the events that were told in summaries, up to the last account of the epoch. */
export interface SummariesCheck {
  /** Summaries, and events in them, that the epoch says were numbered. */
  readonly summaries: number
  readonly summarised: number
  /** Events in the summaries that arrived. The rest was in those that did not. */
  readonly received: number
}

/** What the accounts of an epoch say of the kernel's side. */
export interface KernelSide {
  readonly tools: readonly At<LedgerAccount>[]
  /** Absent where the epoch has given no account yet. */
  readonly check?: DeliveredCheck
  /** Absent where none were told, or not all of the epoch is audited. */
  readonly summaries?: SummariesCheck
}

/** Holds the accounts against each other, and against what arrived. */
export function kernelSide(book: EpochBook, stream: StreamSide, contradictions: Contradictions): KernelSide {
  const tools = [...book.ledgers.values()].sort((a, b) => (a.said.tool < b.said.tool ? -1 : 1))
  for (const { said, sequence } of tools) checkSum(said, sequence, contradictions)
  const check = checkDelivered(book, tools, stream, contradictions)
  if (book.ended !== undefined) checkEnd(book, stream, contradictions)
  const summaries = checkSummaries(book, stream, contradictions)
  return {
    tools,
    ...(check === undefined ? {} : { check }),
    ...(summaries === undefined ? {} : { summaries }),
  }
}

/** produced = delivered + filtered + sampled out + dropped + in flight. */
function checkSum(account: LedgerAccount, sequence: number, contradictions: Contradictions): void {
  const { tool, produced, delivered, filtered, sampledOut, inFlight, dropped } = account
  const sum = [...dropped.values()].reduce((a, b) => a + b, delivered + filtered + sampledOut + inFlight)
  if (sum !== produced)
    contradictions.add(
      'sum',
      `the account of ${tool} at sequence ${sequence}: ${produced} produced, but its parts make ${sum}`,
    )
}

/** The last accounts of the tools stand beside that of the epoch; where they do not, events may lie between them. */
function checkDelivered(
  book: EpochBook,
  tools: readonly At<LedgerAccount>[],
  { from, missing, lost, underWay }: StreamSide,
  contradictions: Contradictions,
): DeliveredCheck | undefined {
  if (book.state === undefined) return undefined
  const { sequence, said } = book.state
  const events = said.events + said.summarised
  checkEvents(book, sequence, said, from, contradictions)
  const delivered = tools.reduce((sum, tool) => sum + tool.said.delivered, 0)
  const places = [sequence, ...tools.map((tool) => tool.sequence)]
  const before = eventsAtMost(book, Math.min(...places), sequence)
  const behind = eventsAtMost(book, sequence, Math.max(...places))
  const between = before + behind
  // What may lie between them may stand for any number of events.
  const span = Math.max(...places) - Math.min(...places)
  if (said.summarised > 0 && span > tools.length)
    return { delivered, events, outcome: delivered === events ? 'within' : 'unknown', between }
  if (delivered > events + behind) {
    contradictions.add('delivered', `its tools say that ${delivered} events were told, it numbered ${events}`)
    return { delivered, events, outcome: 'contradicted', between }
  }
  if (delivered >= events - before)
    return { delivered, events, outcome: between === 0 ? 'proven' : 'within', between }
  // The account of a tool may be among what is not there.
  const isWhole = from === 0 && missing.length === 0 && lost.length === 0 && underWay.length === 0
  if (!isWhole) return { delivered, events, outcome: 'unknown', between }
  contradictions.add('delivered', `its tools say that ${delivered} events were told, it numbered ${events}`)
  return { delivered, events, outcome: 'contradicted', between }
}

/** The events that arrived are not more than it numbered, nor fewer than what is not there explains. */
function checkEvents(
  book: EpochBook,
  sequence: number,
  { events, summaries }: EpochState,
  from: number,
  contradictions: Contradictions,
): void {
  if (from > 0) return
  const received = book.received.countBelow(sequence)
  const arrived = received - book.others.countBelow(sequence)
  const absent = sequence - received
  const isOff = (said: number, there: number) => said < there || said > there + absent
  if (isOff(events, arrived) || events + summaries > sequence)
    contradictions.add(
      'sequences',
      `it numbered ${events} events up to sequence ${sequence}; ${arrived} arrived, and ${absent} sequences are not there`,
    )
}

/** What summaries stand for, that arrived, is what was summed up, or as much less as those that are not there may explain. */
function checkSummaries(
  { state, summarised: arrived, received }: EpochBook,
  { from }: StreamSide,
  contradictions: Contradictions,
): SummariesCheck | undefined {
  if (state === undefined || from > 0 || !arrived.isWhole) return undefined
  const { sequence, said } = state
  if (said.summaries === 0 && arrived.records === 0) return undefined
  const there = arrived.beforeAccount
  const absent = sequence - received.countBelow(sequence)
  if (there > said.summarised || (absent === 0 && there !== said.summarised))
    contradictions.add(
      'summaries',
      `it summed up ${said.summarised} events up to sequence ${sequence}; its summaries that arrived stand for ${there}, and ${absent} sequences are not there`,
    )
  return { summaries: said.summaries, summarised: said.summarised, received: there }
}

/** How many events the sequences from one to before another are, at most. */
function eventsAtMost(book: EpochBook, from: number, to: number): number {
  return to - from - (book.others.countBelow(to) - book.others.countBelow(from))
}

/** Nothing comes behind the end, and what stands at it is final. */
function checkEnd(
  { ended, greatest, cut, ledgers }: EpochBook,
  stream: StreamSide,
  contradictions: Contradictions,
): void {
  if (ended === undefined) return
  const { sequences } = ended.said
  if (greatest >= sequences)
    contradictions.add('sequences', `it ended with ${sequences} sequences, and sequence ${greatest} arrived`)
  if (cut !== undefined && cut.sequences !== sequences)
    contradictions.add(
      'sequences',
      `it ended with ${sequences} sequences, and was found cut with ${cut.sequences}`,
    )
  if (stream.missing.length + stream.lost.length + stream.underWay.length > 0) return
  for (const { said } of ledgers.values())
    if (!said.ended)
      contradictions.add('delivered', `it ended, and the last account of ${said.tool} is not final`)
}
