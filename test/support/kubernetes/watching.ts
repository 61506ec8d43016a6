import type { ClusterAccess } from '../../../packages/hivetap/src/kubernetes/client/cluster-access.js'
import { KubeClient } from '../../../packages/hivetap/src/kubernetes/client/kube-client.js'
import type { ObjectKey } from '../../../packages/hivetap/src/kubernetes/client/object-meta.js'
import { PODS, type Selection } from '../../../packages/hivetap/src/kubernetes/client/resource.js'
import type { WatchSink } from '../../../packages/hivetap/src/kubernetes/watch/watch-sink.js'
import type { WatchState } from '../../../packages/hivetap/src/kubernetes/watch/watch-state.js'
import type { WatchTimings } from '../../../packages/hivetap/src/kubernetes/watch/watch-timings.js'
import { Watcher, type WatcherOptions } from '../../../packages/hivetap/src/kubernetes/watch/watcher.js'
import type { Cleanups } from '../http-server.js'
import { type Collection, keyOf } from './collection.js'

/** What is kept of a pod in tests: which it is, and its version. */
export interface Picked {
  readonly key: ObjectKey
  readonly version: string
}

/** Times for tests: a thousandth of the real ones. */
export const QUICK: WatchTimings = {
  backoffFirstMs: 2,
  backoffMostMs: 20,
  healthyMs: 50,
  shortMs: 5,
  idleMs: 300,
  watchMs: 500,
  listIdleMs: 300,
  pageMs: 5_000,
}

/** Access to a server of a test. */
export function accessTo(server: string, more: Partial<ClusterAccess> = {}): ClusterAccess {
  return {
    server,
    isUnchecked: false,
    isCompressionOff: false,
    identity: {},
    namespace: 'default',
    origin: 'the test',
    warnings: [],
    ...more,
  }
}

/** Keeps what it is told as a cache would, and checks that what it is told makes sense. */
export class View implements WatchSink<Picked> {
  readonly objects = new Map<string, Picked>()
  readonly states: WatchState[] = []
  readonly faults: string[] = []
  replaced = 0

  replace(objects: Iterable<Picked>): void {
    this.replaced++
    this.objects.clear()
    for (const object of objects) {
      if (this.objects.has(object.key.uid)) this.faults.push(`${object.key.uid} stands twice in a list`)
      this.objects.set(object.key.uid, object)
    }
  }

  put(object: Picked): void {
    const known = this.objects.get(object.key.uid)
    if (known !== undefined && Number(known.version) > Number(object.version))
      this.faults.push(`${object.key.uid} went back from ${known.version} to ${object.version}`)
    this.objects.set(object.key.uid, object)
  }

  remove({ key }: Picked): void {
    if (!this.objects.delete(key.uid)) this.faults.push(`${key.uid} is removed, and was not known`)
  }

  state(state: WatchState): void {
    this.states.push(state)
  }

  /** `namespace/name@version` of each, in order. */
  get shown(): readonly string[] {
    return [...this.objects.values()]
      .map(({ key, version }) => `${key.namespace}/${key.name}@${version}`)
      .sort()
  }
}

/** What a server has, as {@link View.shown} tells it. */
export function truthOf(collection: Collection, wanted = (_: { spec?: unknown }) => true): readonly string[] {
  return [...collection.objects.values()]
    .filter(wanted)
    .map((object) => `${keyOf(object)}@${object.metadata.resourceVersion}`)
    .sort()
}

/** Keeps a pod's key and version. */
export function pickPod(object: Readonly<Record<string, unknown>>): Picked {
  const { namespace, name, uid, resourceVersion } = object['metadata'] as Record<string, string>
  return {
    key: { namespace: namespace ?? '', name: name ?? '', uid: uid ?? '' },
    version: resourceVersion ?? '',
  }
}

/** Starts a watcher; it is ended, and what it has is closed, by the cleanups. */
export function startWatching(
  access: ClusterAccess,
  cleanups: Cleanups,
  more: Partial<WatcherOptions<Picked>> & { readonly answerMs?: number } = {},
) {
  const view = new View()
  const notes: string[] = []
  const client = new KubeClient(access, {
    note: (note) => notes.push(note),
    answerMs: more.answerMs ?? 500,
  })
  const selection: Selection = { resource: PODS }
  const watcher = new Watcher(client, { selection, pick: pickPod, sink: view, timings: QUICK, ...more })
  const abort = new AbortController()
  const ended = watcher.run(abort.signal)
  const stop = async () => {
    abort.abort()
    await ended
    client.close()
  }
  cleanups.push(stop)
  return { view, watcher, client, notes, stop, ended }
}

/** Waits until something holds. */
export async function until(holds: () => boolean, what: string, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
