import { asJsonObject, type JsonObject, parseJsonObject } from '../../stream/json-object.js'
import { cannot } from './asked.js'
import type { KubeClient } from './kube-client.js'
import { KubeError } from './kube-error.js'
import { ListSplitter } from './list-splitter.js'
import { type KubeObject, MOST_OBJECT_BYTES, readObject } from './object-meta.js'
import { pathOf, type Selection, selectorsOf } from './resource.js'
import { isResourceVersion } from './resource-version.js'

/** Objects a page, as kubectl asks for them. */
const PAGE = 500
/** A server that has no more objects than it may has fewer pages than this. */
const MOST_PAGES = 10_000
/** An older server answers from its cache with one page, however large. */
const MOST_PAGE_BYTES = 2 ** 30

/** What a list is to be of. */
export interface ListOptions {
  /**
   * How fresh: `newest`, as the store has it; `any`, as the server has it in memory, which may be older; or not older than a
   * resource version.
   */
  readonly from: 'newest' | 'any' | { readonly notOlderThan: string }
  /** Objects a page; all in one with `undefined`. */
  readonly pageSize?: number | undefined
  readonly signal: AbortSignal
  /** Between two pieces of the answer, milliseconds. */
  readonly idleMs?: number | undefined
  /** For a page, milliseconds. */
  readonly pageMs?: number | undefined
}

/** What is told while it is read. */
export interface ListReader {
  page(): void
  object(object: KubeObject): void
  malformed(): void
  tooLarge(): void
}

/**
 * Lists objects, one after the other as they come: none is kept.
 *
 * @returns the resource version at which a watch takes over
 * @throws {KubeError} `expired` if the pages that are left are no longer there: then it is to be begun anew
 * @throws `signal`’s reason
 */
export async function listObjects(
  client: KubeClient,
  selection: Selection,
  options: ListOptions,
  reader: ListReader,
): Promise<string> {
  const pageSize = 'pageSize' in options ? options.pageSize : PAGE
  const first = { ...selectorsOf(selection), ...limit(pageSize), ...freshness(options) }
  let page = await readPage(client, selection, first, options, reader)
  // All pages are of the first one's time; should one not be, a watch from the first misses nothing.
  const { resourceVersion } = page
  for (let pages = 1; page.next !== undefined; pages++) {
    const token = page.next
    const params = { ...selectorsOf(selection), ...limit(pageSize), continue: token }
    page = await readPage(client, selection, params, options, reader)
    if (page.next === token || pages >= MOST_PAGES) throw endless(client, selection)
  }
  return resourceVersion
}

const limit = (pageSize: number | undefined): Record<string, string> =>
  pageSize === undefined ? {} : { limit: String(pageSize) }

function freshness({ from }: ListOptions): Record<string, string> {
  if (from === 'newest') return {}
  if (from === 'any') return { resourceVersion: '0' }
  return { resourceVersion: from.notOlderThan, resourceVersionMatch: 'NotOlderThan' }
}

interface Page {
  readonly resourceVersion: string
  readonly next: string | undefined
}

async function readPage(
  client: KubeClient,
  selection: Selection,
  params: Readonly<Record<string, string>>,
  { signal, idleMs = 30_000, pageMs = 300_000 }: ListOptions,
  reader: ListReader,
): Promise<Page> {
  const { kind } = selection.resource
  const limits = { mostBytes: MOST_PAGE_BYTES, idleMs, wholeMs: pageMs }
  const question = { asked: askedOf(selection), params, limits, mayBePacked: true, signal }
  return client.ask(question, async (body, asked) => {
    reader.page()
    const splitter = new ListSplitter(
      {
        item: (json) => {
          const object = readObject(parseJsonObject(json), kind)
          if (object === undefined) reader.malformed()
          else reader.object(object)
        },
        tooLarge: () => reader.tooLarge(),
        malformed: () => reader.malformed(),
      },
      MOST_OBJECT_BYTES,
    )
    for await (const chunk of body) splitter.push(chunk)
    const page = pageOf(splitter, `${kind}List`)
    if (typeof page === 'object') return page
    throw new KubeError('answer_wrong', `${cannot(asked)}: what came is no ${kind}List: ${page}.`)
  })
}

/** What stands around the items; a text that says why it is no list. */
function pageOf(splitter: ListSplitter, kind: string): Page | string {
  let rest: JsonObject | undefined
  try {
    rest = parseJsonObject(splitter.end())
  } catch (error) {
    return (error as Error).message
  }
  if (rest === undefined) return 'it is no JSON object'
  if (rest['kind'] !== kind) return 'its kind is another'
  const { resourceVersion, continue: next = '' } = asJsonObject(rest['metadata']) ?? {}
  if (!isResourceVersion(resourceVersion)) return 'its resourceVersion is none'
  if (typeof next !== 'string' || next.length > 65_536) return 'the token of its next page is none'
  return { resourceVersion, next: next === '' ? undefined : next }
}

const askedOf = (selection: Selection) => ({ verb: 'list', selection, path: pathOf(selection) }) as const

function endless(client: KubeClient, selection: Selection): KubeError {
  const what = cannot({ ...askedOf(selection), server: client.access.server })
  return new KubeError('answer_wrong', `${what}: its pages do not end.`)
}
