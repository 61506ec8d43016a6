import type { IncomingHttpHeaders } from 'node:http'
import { DeliveryError } from '../../delivery/destination.js'
import { printable } from '../../stream/printable.js'
import type { Answer } from './post.js'

/** What an answer means for the records that it is about. */
export type Verdict =
  | { readonly kind: 'delivered' }
  /** Fewer at a time may be taken. */
  | { readonly kind: 'too_large' }
  /** Something in it is not taken. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed'; readonly error: DeliveryError }

const PASSING = [408, 425, 429]

/**
 * What the server made of a request. That a batch is lost for good only 400, 413 and 422 can say: other refusals (a wrong
 * address, a right that is missing) somebody can mend, and the batch is tried again.
 *
 * @param url as it is told
 * @param credentials the keys to look at where it does not know us
 */
export function verdictOf(answer: Answer, url: string, credentials: string): Verdict {
  const { status, headers } = answer
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  if (status === 413) return { kind: 'too_large' }
  if (status === 400 || status === 422) return { kind: 'refused' }
  const passing = status >= 500 || PASSING.includes(status)
  const what = `${url} answered ${status}${quoted(answer)}`
  return {
    kind: 'failed',
    error: new DeliveryError(kindOf(status), what + hint(status, headers, credentials), { passing }),
  }
}

/** What it said, behind a colon, printable; nothing where it said nothing. */
export function quoted({ excerpt }: Answer): string {
  const said = excerpt.trim().replace(/\s+/g, ' ')
  return said === '' ? '' : `: ${printable(said)}`
}

function kindOf(status: number): string {
  if (status === 401 || status === 403) return 'authentication_failed'
  if (status === 429) return 'rate_limited'
  if (status >= 300 && status < 400) return 'redirected'
  return status >= 500 || PASSING.includes(status) ? 'server_failed' : 'address_wrong'
}

function hint(status: number, headers: IncomingHttpHeaders, credentials: string): string {
  if (status === 401 || status === 403) return `. Look at ${credentials}`
  if (status < 300 || status >= 400) return ''
  const to = headers.location === undefined ? '' : ` to ${printable(headers.location.slice(0, 200))}`
  return `: it redirects${to}, which is not followed. Say the address itself in url`
}

/** How long a server asks to be left alone: seconds, or a date. Milliseconds; at most so many. */
export function retryAfterMs(headers: IncomingHttpHeaders, nowMs: number, mostMs: number): number {
  const text = headers['retry-after']
  if (text === undefined) return 0
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs
  return Number.isNaN(wait) ? 0 : Math.max(0, Math.min(wait, mostMs))
}
