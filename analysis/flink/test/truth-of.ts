import { CUT_HOST, DROPPED, DROPPING_HOST, GOOD_ACCOUNTS, LOSING_HOST, LOST } from './roles.js'
import { type Sent, sentBy } from './sent.js'
import type { FleetTruth, TrueConnect } from './truth.js'

/** What nobody has to work out, since it was made so: the fleet without copies, and when what went wrong. */
export function truthOf(kept: readonly Sent[], lost: readonly Sent[]): FleetTruth {
  const taken = new Set(lost.map(({ fields }) => fields['event_id']))
  const once = sentBy(0)
  const connects = once
    .filter(({ fields }) => fields['tool'] === 'tcpconnlat' && fields['record'] === undefined)
    .filter(({ fields }) => fields['outcome'] !== 'stuck' && !taken.has(fields['event_id']))
    .map(trueConnectOf)
  const [firstLost] = lost
  const epochs = once.filter(({ fields }) => fields['record'] === 'epoch')
  const { hosts, fromMs, toMs, gaps } = gapsOf(epochs, firstLost?.timeMs ?? 0, LOST, 0)
  return {
    connects,
    copies: kept.length - new Set(kept.map(({ fields }) => fields['event_id'])).size,
    ...{ hosts, fromMs, toMs, gaps },
  }
}

/** A connect, of an event that tells it by itself. */
export function trueConnectOf({ timeMs, fields, ends }: Sent): TrueConnect {
  return {
    ...ends,
    timeMs,
    latencyUs: fields['outcome'] === 'connected' ? Number(fields['latency_us']) : undefined,
    failed: fields['outcome'] !== 'connected' && fields['outcome'] !== 'abandoned',
    weight: Number(fields['sample'] ?? 1),
  }
}

/**
 * What was made to be missing, by when the accounts of hosts were given.
 *
 * @param once accounts of epochs, each once
 * @param lostMs when a record that was lost was told
 * @param lost how many were
 * @param reachMs how far back what is told between two accounts may have happened before the first of them
 */
export function gapsOf(
  once: readonly Sent[],
  lostMs: number,
  lost: number,
  reachMs: number,
): Pick<FleetTruth, 'hosts' | 'fromMs' | 'toMs' | 'gaps'> {
  const accountsOf = (host: string) => once.filter(({ fields }) => fields['host'] === host)
  const timesOf = (host: string) => accountsOf(host).map(({ timeMs }) => timeMs)
  const told = (timeMs: number, host: string) => around(timeMs, timesOf(host))
  const hosts = [...new Set(once.map(({ fields }) => String(fields['host'])))]
  const cut = accountsOf(CUT_HOST).findIndex(({ fields }) => fields['state'] === 'cut')
  const declared = told(lostMs, LOSING_HOST)
  return {
    hosts: hosts.length,
    fromMs: Math.max(...hosts.map((host) => Math.min(...timesOf(host)))),
    toMs: Math.min(...hosts.map((host) => Math.max(...timesOf(host)))),
    gaps: [
      { host: LOSING_HOST, ...declared, fromMs: declared.fromMs - reachMs, lost },
      {
        host: DROPPING_HOST,
        ...{ fromMs: timesOf(DROPPING_HOST)[GOOD_ACCOUNTS - 1] ?? 0, lost: DROPPED },
        toMs: timesOf(DROPPING_HOST)[GOOD_ACCOUNTS] ?? 0,
      },
      // From its last account to the next run's first word.
      {
        host: CUT_HOST,
        fromMs: (timesOf(CUT_HOST)[cut - 2] ?? 0) - reachMs,
        toMs: timesOf(CUT_HOST)[cut] ?? 0,
        lost: 0,
      },
    ],
  }
}

/** The last of these times before one, and the first that is not. */
function around(
  timeMs: number,
  times: readonly number[],
): { readonly fromMs: number; readonly toMs: number } {
  const next = times.findIndex((one) => one >= timeMs)
  return { fromMs: times[next - 1] ?? 0, toMs: times[next] ?? 0 }
}
