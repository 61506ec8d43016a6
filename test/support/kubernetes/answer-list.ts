import type { ApiObject, Collection } from './collection.js'
import { selects } from './selectors.js'
import { statusObject } from './status-object.js'

/** What a page goes on from: the rest of it, as of the version of the first page. */
interface Continuation {
  readonly version: number
  readonly rest: readonly ApiObject[]
}

/** By collection and token. */
const continuations = new WeakMap<Collection, Map<string, Continuation>>()

/** Answers a list: `limit`, `continue`, selectors. A continuation of before a compaction is gone. */
export function answerList(
  params: URLSearchParams,
  collection: Collection,
  isExpired: boolean,
): { readonly status: number; readonly body: string } {
  const known = continuations.get(collection) ?? new Map<string, Continuation>()
  continuations.set(collection, known)
  const token = params.get('continue')
  const from = token === null ? undefined : known.get(token)
  if (isExpired || (token !== null && (from === undefined || from.version < collection.compacted)))
    return { status: 410, body: JSON.stringify(statusObject(410, 'Expired', 'The provided continue …')) }
  const version = from?.version ?? collection.version
  const all = from?.rest ?? [...collection.objects.values()].filter((object) => selects(params, object))
  const limit = Number(params.get('limit') ?? 0) || all.length
  const rest = all.slice(limit)
  const next = rest.length === 0 ? '' : `${version}.${Math.random().toString(36).slice(2)}`
  if (next !== '') known.set(next, { version, rest })
  const { apiVersion, resource } = collection
  const list = {
    kind: `${resource.kind}List`,
    apiVersion,
    metadata: {
      resourceVersion: String(version),
      ...(next === '' ? {} : { continue: next, remainingItemCount: rest.length }),
    },
    items: all.slice(0, limit),
  }
  return { status: 200, body: JSON.stringify(list) }
}
