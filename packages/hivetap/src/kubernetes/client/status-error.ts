import type { IncomingHttpHeaders } from 'node:http'
import type { JsonObject } from '../../stream/json-object.js'
import { printable } from '../../stream/printable.js'
import { type Asked, cannot, missingRule } from './asked.js'
import { KubeError, type KubeErrorKind } from './kube-error.js'

/** A server may ask for a longer rest: it is asked again after this. */
const LONGEST_REST_MS = 300_000
/** Of what it said, so much is told. */
const EXCERPT = 300

/** A refusal: its status, and what else was said. */
export interface Refusal {
  readonly status: number
  /** The `Status` object that was sent, if one was. */
  readonly object?: JsonObject | undefined
  readonly headers?: IncomingHttpHeaders | undefined
  /** What the body was, if it was no such object: hostile text. */
  readonly text?: string | undefined
}

/**
 * What a refusal means.
 *
 * @param origin where it stands who we are
 */
export function statusError(refusal: Refusal, asked: Asked, origin: string): KubeError {
  const { status, headers, object } = refusal
  const kind = isOfTheFuture(object) ? 'expired' : kindOf(status)
  const what = `${cannot(asked)}: it answered ${status}${saidBy(refusal)}`
  const retryAfterMs = restOf(headers, object)
  return new KubeError(kind, `${what}${hintOf(kind, asked, origin, headers)}`, {
    status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

function kindOf(status: number): KubeErrorKind {
  if (status === 401) return 'unauthorized'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not_found'
  if (status === 410) return 'expired'
  if (status === 429) return 'rate_limited'
  if (status >= 300 && status < 400) return 'redirected'
  if (status >= 500 || status === 408) return 'server_failed'
  return status >= 400 ? 'refused' : 'answer_wrong'
}

/** The server never had what is asked for: its store was put back to an earlier state. */
function isOfTheFuture(object: JsonObject | undefined): boolean {
  const details = object?.['details'] as { readonly causes?: unknown } | null | undefined
  const causes = Array.isArray(details?.causes) ? (details.causes as readonly unknown[]) : []
  return causes.some((cause) => (cause as JsonObject | null)?.['reason'] === 'ResourceVersionTooLarge')
}

function saidBy({ object, text }: Refusal): string {
  const message = object?.['message']
  const said = typeof message === 'string' ? message : (text ?? '')
  const line = printable(
    said
      .slice(0, EXCERPT * 4)
      .trim()
      .replace(/\s+/g, ' ')
      .slice(0, EXCERPT),
  )
  return line === '' ? '.' : `: ${line}${/[.!?]$/.test(line) ? '' : '.'}`
}

function hintOf(
  kind: KubeErrorKind,
  asked: Asked,
  origin: string,
  headers: IncomingHttpHeaders | undefined,
): string {
  switch (kind) {
    case 'unauthorized':
      return ` It does not know us: see that the token or certificate of ${origin} is valid.`
    case 'forbidden':
      return ` What we are by ${origin} lacks ${missingRule(asked)} and a binding of it.`
    case 'not_found':
      return ' This server does not have it: see that the address is an API server’s, and its version.'
    case 'redirected': {
      const to = headers?.location
      const where = to === undefined ? '' : ` to ${printable(to.slice(0, 200))}`
      return ` It redirects${where}, which is not followed: the token is for this server alone. Give the address itself.`
    }
    default:
      return ''
  }
}

/** How long it asks to be left alone: in the header, seconds, or in the `Status`. */
function restOf(
  headers: IncomingHttpHeaders | undefined,
  object: JsonObject | undefined,
): number | undefined {
  const header = headers?.['retry-after']
  const details = object?.['details'] as { readonly retryAfterSeconds?: unknown } | null | undefined
  const seconds =
    header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) : details?.retryAfterSeconds
  if (typeof seconds !== 'number' || !(seconds > 0)) return undefined
  return Math.min(seconds * 1000, LONGEST_REST_MS)
}
