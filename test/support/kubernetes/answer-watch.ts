import type { ApiObject, Change, Collection } from './collection.js'
import type { Fault, FaultyBody } from './faults.js'
import { selects } from './selectors.js'
import { statusObject } from './status-object.js'

/** How a watch is answered. */
interface WatchManner {
  readonly fault: Fault | undefined
  readonly bookmarkMs: number
  readonly onClose: (end: () => void) => void
}

/**
 * Answers a watch: what happened since its version, what happens from now on, bookmarks, and its end after `timeoutSeconds`. An
 * object that leaves the selection is deleted for it, one that enters it is added.
 */
export function answerWatch(
  params: URLSearchParams,
  collection: Collection,
  body: FaultyBody,
  { fault, bookmarkMs, onClose }: WatchManner,
): void {
  const type = { kind: collection.resource.kind, apiVersion: collection.apiVersion }
  const say = (event: unknown) => body.write(`${JSON.stringify(event)}\n`)
  const since = Number(params.get('resourceVersion') ?? 0)
  if (fault?.kind === 'expired' || since < collection.compacted) {
    say({ type: 'ERROR', object: statusObject(410, 'Expired', 'too old resource version') })
    body.end()
    return
  }
  let line = fault?.kind === 'line' ? fault.line : undefined
  const tell = (change: Change) => {
    const event = eventOf(params, change)
    if (event === undefined) return
    if (line === undefined) say({ type: event.type, object: { ...type, ...event.object } })
    else body.write(`${line}\n`)
    line = undefined
  }
  const bookmark = () =>
    say({
      type: 'BOOKMARK',
      object: {
        ...type,
        metadata: { resourceVersion: String(collection.version), creationTimestamp: null },
        spec: { containers: null },
        status: {},
      },
    })
  for (const change of collection.since(since)) tell(change)
  collection.listeners.add(tell)
  const bookmarks =
    params.get('allowWatchBookmarks') === 'true' ? setInterval(bookmark, bookmarkMs) : undefined
  const stop = () => {
    clearInterval(bookmarks)
    clearTimeout(end)
    collection.listeners.delete(tell)
  }
  const end = setTimeout(
    () => {
      stop()
      body.end()
    },
    Number(params.get('timeoutSeconds') ?? 1800) * 1000,
  )
  onClose(stop)
}

function eventOf(
  params: URLSearchParams,
  { before, after, version }: Change,
): { readonly type: string; readonly object: ApiObject } | undefined {
  const was = before !== undefined && selects(params, before)
  const is = after !== undefined && selects(params, after)
  if (is && after !== undefined) return { type: was ? 'MODIFIED' : 'ADDED', object: after }
  if (!was || before === undefined) return undefined
  // Its last state, at the version of its going.
  return {
    type: 'DELETED',
    object: { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } },
  }
}
