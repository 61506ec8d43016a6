import { CUT_HOST, DROPPED, DROPPING_HOST, GOOD_ACCOUNTS, LOSING_HOST, LOST } from './roles.js'
import { type Sent, sentBy } from './sent.js'
import type { FleetTruth } from './truth.js'

/** What nobody has to work out, since it was made so: the fleet without copies, and when what went wrong. */
export function truthOf(kept: readonly Sent[], lost: readonly Sent[]): FleetTruth {
  const taken = new Set(lost.map(({ fields }) => fields['event_id']))
  const once = sentBy(0)
  const connects = once
    .filter(({ fields }) => fields['tool'] === 'tcpconnlat' && fields['record'] === undefined)
    .filter(({ fields }) => fields['outcome'] !== 'stuck' && !taken.has(fields['event_id']))
    .map(({ timeMs, fields, ends }) => ({
      ...ends,
      timeMs,
      latencyUs: fields['outcome'] === 'connected' ? Number(fields['latency_us']) : undefined,
      failed: fields['outcome'] !== 'connected' && fields['outcome'] !== 'abandoned',
      weight: Number(fields['sample'] ?? 1),
    }))
  const accountsOf = (host: string) =>
    once.filter(({ fields }) => fields['host'] === host && fields['record'] === 'epoch')
  const timesOf = (host: string) => accountsOf(host).map(({ timeMs }) => timeMs)
  const told = (timeMs: number, host: string) => around(timeMs, timesOf(host))
  const hosts = [...new Set(once.map(({ fields }) => String(fields['host'])))]
  const [firstLost] = lost
  const cut = accountsOf(CUT_HOST).findIndex(({ fields }) => fields['state'] === 'cut')
  return {
    connects,
    copies: kept.length - new Set(kept.map(({ fields }) => fields['event_id'])).size,
    hosts: hosts.length,
    fromMs: Math.max(...hosts.map((host) => Math.min(...timesOf(host)))),
    toMs: Math.min(...hosts.map((host) => Math.max(...timesOf(host)))),
    gaps: [
      { host: LOSING_HOST, ...told(firstLost?.timeMs ?? 0, LOSING_HOST), lost: LOST },
      {
        host: DROPPING_HOST,
        ...{ fromMs: timesOf(DROPPING_HOST)[GOOD_ACCOUNTS - 1] ?? 0, lost: DROPPED },
        toMs: timesOf(DROPPING_HOST)[GOOD_ACCOUNTS] ?? 0,
      },
      // From its last account to the next run's first word.
      { host: CUT_HOST, fromMs: timesOf(CUT_HOST)[cut - 2] ?? 0, toMs: timesOf(CUT_HOST)[cut] ?? 0, lost: 0 },
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
