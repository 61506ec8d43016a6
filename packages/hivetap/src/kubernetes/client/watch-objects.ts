import { asJsonObject, parseJsonObject } from '../../stream/json-object.js'
import { type Asked, cannot } from './asked.js'
import type { KubeClient } from './kube-client.js'
import { KubeError } from './kube-error.js'
import { LineSplitter } from './line-splitter.js'
import { type KubeObject, MOST_OBJECT_BYTES, readObject } from './object-meta.js'
import { pathOf, type Selection, selectorsOf } from './resource.js'
import { isResourceVersion } from './resource-version.js'
import { statusError } from './status-error.js'

/** A line has little around its object. */
const MOST_LINE_BYTES = MOST_OBJECT_BYTES + 4096
/** The server is to end it; one that does not is left after this much longer. */
const GRACE_MS = 30_000

/** What a watch is to be. */
export interface WatchOptions {
  /** What is newer than this is told. */
  readonly resourceVersion: string
  /** After which the server is to end it, and another is begun. */
  readonly timeoutSeconds: number
  /** A server that says nothing for so long, not even a bookmark, is not waited for, milliseconds. */
  readonly idleMs: number
  readonly signal: AbortSignal
}

/** What is told as it comes. */
export interface WatchReader {
  /** It was answered, and stands. */
  begin(): void
  /** An object is there, or is another than it was. */
  put(object: KubeObject): void
  /** An object is gone, or is no longer of the selection. */
  remove(object: KubeObject): void
  /** Nothing of the selection is missing up to this resource version. */
  bookmark(resourceVersion: string): void
  /** Something happened to an object, and it cannot be told to which. */
  malformed(): void
  tooLarge(): void
}

/**
 * Watches objects until the server ends it, as it does after `timeoutSeconds`.
 *
 * @throws {KubeError} `expired` if what is asked for is too old: it is to be listed anew
 * @throws `signal`’s reason
 */
export async function watchObjects(
  client: KubeClient,
  selection: Selection,
  { resourceVersion, timeoutSeconds, idleMs, signal }: WatchOptions,
  reader: WatchReader,
): Promise<void> {
  const params = {
    ...selectorsOf(selection),
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(timeoutSeconds),
  }
  const wholeMs = timeoutSeconds * 1000 + GRACE_MS
  const limits = { mostBytes: Number.POSITIVE_INFINITY, idleMs, wholeMs }
  const question = { verb: 'watch', selection, path: pathOf(selection) } as const
  await client.ask({ asked: question, params, limits, signal }, async (body, asked) => {
    reader.begin()
    const lines = new LineSplitter(MOST_LINE_BYTES)
    for await (const chunk of body) {
      for (const line of lines.push(chunk)) {
        if (line === undefined) reader.tooLarge()
        else readEvent(line, asked, client.access.origin, reader)
        // Whoever reads may have had enough.
        signal.throwIfAborted()
      }
    }
    if (lines.isWithinLine)
      throw new KubeError('server_failed', `${cannot(asked)}: the answer ended in the middle of a line.`)
  })
}

function readEvent(line: Buffer, asked: Asked, origin: string, reader: WatchReader): void {
  const event = parseJsonObject(line)
  // Not an event at all: what comes after it is not believed either.
  if (event === undefined)
    throw new KubeError('answer_wrong', `${cannot(asked)}: a line of the answer is no JSON object.`)
  const { type, object } = event
  if (type === 'ERROR') throw errorOf(object, asked, origin)
  const { kind = '' } = asked.selection?.resource ?? {}
  if (type === 'BOOKMARK') {
    readBookmark(object, kind, reader)
    return
  }
  const known = readObject(asJsonObject(object), kind)
  if (known === undefined) reader.malformed()
  else if (type === 'ADDED' || type === 'MODIFIED') reader.put(known)
  else if (type === 'DELETED') reader.remove(known)
  else reader.malformed()
}

/** Of a bookmark's object only the kind and the resource version mean anything. */
function readBookmark(object: unknown, kind: string, reader: WatchReader): void {
  const bookmark = asJsonObject(object)
  const { resourceVersion } = asJsonObject(bookmark?.['metadata']) ?? {}
  if (bookmark?.['kind'] === kind && isResourceVersion(resourceVersion)) reader.bookmark(resourceVersion)
  else reader.malformed()
}

function errorOf(object: unknown, asked: Asked, origin: string): KubeError {
  const status = asJsonObject(object)
  const code = status?.['code']
  const isGone = status?.['reason'] === 'Expired' || status?.['reason'] === 'Gone'
  return statusError(
    { status: isGone ? 410 : typeof code === 'number' ? code : 500, object: status },
    asked,
    origin,
  )
}
