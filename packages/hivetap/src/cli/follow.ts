import { describeBalance, hasLosses } from '../probes/balance.js'
import { discardRest, drainRest, pump } from '../stream/pump.js'
import type { Account, Sink } from '../stream/sink.js'
import type { EventSource } from '../stream/source.js'
import type { RunOptions } from './run-options.js'
import { onStandardInputEnd } from './standard-input.js'
import { tell } from './standard-streams.js'

/** How long the reader has, at the end, to take what is queued. */
const LAST_FLUSH_MS = 2000
/** How often a long run tells its account. */
const ACCOUNT_MS = 60_000

/** The account of a tool, with what it tells of. */
export interface ToolAccount extends Account {
  /** In the plural: `connects`. */
  readonly subject: string
}

/** Tools that are attached, with where their events go. */
export interface Run<E> {
  readonly source: EventSource<E>
  readonly sink: Sink<E>
  /** Stops the programs. */
  detach(): void
  /** The account of each tool. */
  accounts(ended: boolean): readonly ToolAccount[]
}

/** Follows a run until it is stopped, its duration is over, or whoever reads or started it is gone; then tells its account. */
export async function follow<E>(run: Run<E>, options: RunOptions, stop: AbortController): Promise<void> {
  const { source, sink } = run
  const { duration, stats = false, untilStdinEnds = false } = options
  const timer = duration === undefined ? undefined : setTimeout(() => stop.abort(), duration * 1000)
  const release = untilStdinEnds ? onStandardInputEnd(() => stop.abort()) : undefined
  const chore = {
    everyMs: ACCOUNT_MS,
    run: () => tellAccounts(run.accounts(false), run, options, stop.signal),
  }
  try {
    let patience: AbortSignal
    try {
      await sink.open(stop.signal)
      await pump(source, sink, stop.signal, stats ? { chore } : {})
    } finally {
      // Whatever ended it: the account is exact once nothing is written any more and all that was is read.
      run.detach()
      patience = AbortSignal.timeout(LAST_FLUSH_MS)
    }
    await drainRest(source, sink, patience)
  } finally {
    clearTimeout(timer)
    release?.()
    discardRest(source)
    await tellAccounts(run.accounts(true), run, options, AbortSignal.timeout(LAST_FLUSH_MS)).finally(() =>
      sink.close(),
    )
  }
}

/** To people on standard error; to programs, in the stream of events. */
async function tellAccounts<E>(
  accounts: readonly ToolAccount[],
  { sink }: Run<E>,
  { stats = false, output }: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  if (stats && !sink.closed) {
    for (const account of accounts) sink.account(account)
    await sink.flush(signal)
  }
  // Whoever merges rows adds the accounts up.
  if (stats && output === 'rows') return
  for (const { balance, subject } of accounts)
    if (stats || hasLosses(balance)) await tell(`hivetap: ${describeBalance(balance, subject)}\n`)
}
