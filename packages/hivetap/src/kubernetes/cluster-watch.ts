import type { JsonObject } from '../stream/json-object.js'
import type { ClusterAccess } from './client/cluster-access.js'
import { KubeClient } from './client/kube-client.js'
import { ENDPOINT_SLICES, NODES, PODS, SERVICES, type Selection } from './client/resource.js'
import { KubernetesNames } from './model/kubernetes-names.js'
import { pickEndpointSlice, restOfSlice } from './model/pick/pick-endpoint-slice.js'
import { pickNode } from './model/pick/pick-node.js'
import { pickPod } from './model/pick/pick-pod.js'
import { pickService } from './model/pick/pick-service.js'
import type { ResourceSink } from './model/resource-sink.js'
import { describeWatchState, type WatchState } from './watch/watch-state.js'
import { Watcher } from './watch/watcher.js'

/** What is followed of a cluster. */
export interface ClusterWatchOptions {
  /** This node, as Kubernetes calls it. */
  readonly node: string
  /** Labels of pods that events carry. */
  readonly labels: readonly string[]
  /** Tells a person what is to be known. */
  readonly note: (message: string) => void
}

/** How often what is over is looked through for what is past its age. */
const FORGET_MS = 60_000

/** Keeps the names of a cluster as fresh as its API server tells them: pods of this node, Services, their backends, nodes. */
export class ClusterWatch {
  readonly names: KubernetesNames
  readonly #client: KubeClient
  readonly #stop = new AbortController()
  readonly #server: string
  readonly #note: (message: string) => void
  readonly #away = new Map<string, string>()
  readonly #forgetting: NodeJS.Timeout
  readonly #podsListed: Promise<void>

  constructor(access: ClusterAccess, { node, labels, note }: ClusterWatchOptions) {
    this.#server = access.server
    this.#note = note
    this.names = new KubernetesNames({ now: () => Date.now(), labels })
    const { podSink, serviceSink, endpointSliceSink, nodeSink } = this.names
    let listed = () => {}
    this.#podsListed = new Promise((resolve) => {
      listed = resolve
    })
    this.#client = new KubeClient(access, { note })
    const ofNode = { resource: PODS, fieldSelector: `spec.nodeName=${node}` }
    this.#watch(ofNode, pickPod, podSink, { listed })
    this.#watch({ resource: SERVICES }, pickService, serviceSink)
    this.#watch({ resource: ENDPOINT_SLICES }, pickEndpointSlice, endpointSliceSink, { rest: restOfSlice })
    this.#watch({ resource: NODES }, pickNode, nodeSink)
    this.#forgetting = setInterval(() => this.names.forget(), FORGET_MS).unref()
  }

  /** Whether pods are known within so long. */
  async knowsPods(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    const ended = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)])
    if (ended.aborted) return false
    return Promise.race([
      this.#podsListed.then(() => true),
      new Promise<false>((resolve) => {
        ended.addEventListener('abort', () => resolve(false), { once: true })
      }),
    ])
  }

  /** Why what is known may be of before, by resource. */
  away(): ReadonlyMap<string, string> {
    return this.#away
  }

  close(): void {
    this.#stop.abort()
    this.#client.close()
    clearInterval(this.#forgetting)
  }

  #watch<T>(
    selection: Selection,
    pick: (object: JsonObject) => T | undefined,
    sink: ResourceSink<T>,
    { listed, rest }: { readonly listed?: () => void; readonly rest?: (picked: T) => T } = {},
  ): void {
    const what = selection.resource.plural
    const watcher = new Watcher<T>(this.#client, {
      selection,
      pick,
      ...(rest === undefined ? {} : { rest }),
      sink: {
        replace: (objects) => {
          sink.replace(objects)
          listed?.()
        },
        put: (object) => sink.put(object),
        remove: (object) => sink.remove(object),
        state: (state) => this.#told(what, state),
      },
    })
    void watcher.run(this.#stop.signal).catch((error: unknown) => {
      this.#note(`names of ${what} are not kept up any more: ${String(error)}`)
    })
  }

  /** Says once that a resource cannot be followed, and why; and once that it can be again. */
  #told(what: string, state: WatchState): void {
    const before = this.#away.get(what)
    if (state.kind === 'away') {
      if (before !== state.reason)
        this.#note(`names of ${what} may be of before, ${describeWatchState(state)}`)
      this.#away.set(what, state.reason)
    } else if (state.kind === 'watching' && before !== undefined) {
      this.#away.delete(what)
      this.#note(`names of ${what} are told by ${this.#server} again`)
    }
  }
}
