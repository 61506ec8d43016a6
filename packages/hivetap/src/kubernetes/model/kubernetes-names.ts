import type { ClusterNames, FarEnd, PodIdentity } from '../whose.js'
import { type AddressTenure, Backends } from './backends.js'
import { FarEnds } from './far-ends.js'
import type { NodePod } from './node-pod.js'
import { Nodes } from './nodes.js'
import { OnlyBackends } from './only-backends.js'
import type { PickedSlice } from './pick/pick-endpoint-slice.js'
import type { PickedNode } from './pick/pick-node.js'
import type { PickedPod } from './pick/pick-pod.js'
import type { PickedService } from './pick/pick-service.js'
import { type PodChange, Pods } from './pods.js'
import type { ResourceSink } from './resource-sink.js'
import { Services } from './services.js'
import { TenureBook } from './time/tenure-book.js'

export interface KubernetesNamesOptions {
  /** Milliseconds since 1970 by this host's clock, the one that events are told by. */
  readonly now: () => number
  /** Labels of its pod that an identity has. None by default. */
  readonly labels?: readonly string[]
  /** How long what is over stays known, milliseconds: events come later. 15 minutes by default. */
  readonly historyMs?: number
  /** How much that is over stays known, of each kind. 10,000 by default. */
  readonly history?: number
}

const HISTORY_MS = 15 * 60_000
const HISTORY = 10_000
/** Pods that are gone: a node has some hundreds at a time. */
const GONE_PODS = 1024
/** Backends, addresses of Services, nodes: of each so many at most, with those that are over. */
const MOST = 200_000

/** How many there are of something that is named. */
export interface NameCounts {
  readonly known: number
  /** Over, and remembered. */
  readonly past: number
  /** Forgotten before their time: there were more than the bound. */
  readonly evicted: number
  /** Not taken in: there were more than the bound. */
  readonly refused: number
}

/** Of each resource what is known, and of each question what became of it. */
export interface KubernetesCounts {
  readonly pods: NameCounts
  readonly services: NameCounts
  readonly endpointSlices: NameCounts
  readonly nodes: NameCounts
  readonly asked: { readonly pods: AskedCounts; readonly farEnds: AskedCounts }
}

/** What became of the questions for one kind of name. */
export interface AskedCounts {
  readonly named: number
  /** Something of the cluster, and what cannot be told without doubt. */
  readonly unresolved: number
  /** Nothing of the cluster that is known: most of what is outside of it. */
  readonly unknown: number
}

/** What this node's pods and the cluster's addresses are called: filled by four watches, asked by events. */
export class KubernetesNames implements ClusterNames {
  /** Takes this node's pods (`spec.nodeName`), as pickPod() has them. */
  readonly podSink: ResourceSink<PickedPod>
  /** Takes all Services, as pickService() has them. */
  readonly serviceSink: ResourceSink<PickedService>
  /** Takes all EndpointSlices, as pickEndpointSlice() has them. */
  readonly endpointSliceSink: ResourceSink<PickedSlice>
  /** Takes all nodes, as pickNode() has them. */
  readonly nodeSink: ResourceSink<PickedNode>
  readonly #now: () => number
  readonly #addresses: TenureBook<AddressTenure>
  readonly #pods: Pods
  readonly #services: Services
  readonly #only: OnlyBackends
  readonly #backends: Backends
  readonly #nodes: Nodes
  readonly #farEnds: FarEnds
  readonly #askedPods = { named: 0, unresolved: 0, unknown: 0 }
  readonly #askedFarEnds = { named: 0, unresolved: 0, unknown: 0 }

  constructor(options: KubernetesNamesOptions) {
    const { now, labels = [], historyMs = HISTORY_MS, history = HISTORY } = options
    const bounds = { ageMs: historyMs, past: history, all: MOST }
    this.#now = now
    this.#addresses = new TenureBook(bounds)
    this.#pods = new Pods({ labels, ageMs: historyMs, gone: GONE_PODS }, this.#addresses, now)
    this.#services = new Services(bounds, now)
    this.#only = new OnlyBackends(bounds)
    this.#backends = new Backends(this.#addresses, this.#only, now)
    this.#nodes = new Nodes(bounds, now)
    this.#farEnds = new FarEnds({
      nodes: this.#nodes,
      services: this.#services,
      addresses: this.#addresses,
      only: this.#only,
      sliceGaps: this.#backends.listing.gaps,
    })
    this.podSink = this.#pods.listing
    this.serviceSink = this.#services.listing
    this.endpointSliceSink = this.#backends.listing
    this.nodeSink = this.#nodes.listing
  }

  podOf(podUid: string, containerId: string | undefined, _timeMs: number): PodIdentity | undefined {
    const identity = this.#pods.find(podUid, containerId)
    if (identity === undefined) this.#askedPods.unresolved++
    else this.#askedPods.named++
    return identity
  }

  /** @param timeMs when the connect began: at its end the address may be another's */
  farEnd(address: string, port: number, timeMs: number): FarEnd | undefined {
    const answer = this.#farEnds.at(address, port, timeMs)
    if (answer.kind === 'named') {
      this.#askedFarEnds.named++
      return answer.farEnd
    }
    if (answer.kind === 'doubt') this.#askedFarEnds.unresolved++
    else this.#askedFarEnds.unknown++
    return undefined
  }

  /** This node's pods that are there. */
  pods(): IterableIterator<NodePod> {
    return this.#pods.all()
  }

  /**
   * Told each pod of this node that comes, that goes, or of which labels or containers change. Those that are there already are
   * in pods().
   *
   * @param listener must not throw: the watch would take the failure for its own
   * @returns what ends the listening
   */
  onPod(listener: (change: PodChange) => void): () => void {
    return this.#pods.onChange(listener)
  }

  /** Forgets what is past its age, where no news come that would. */
  forget(): void {
    const now = this.#now()
    this.#pods.forget(now)
    const books = [this.#addresses, this.#services.book, this.#only.book, this.#nodes.book]
    for (const book of books) book.forget(now)
  }

  /** What it knows, and what it was asked. */
  counts(): KubernetesCounts {
    const { gone } = this.#pods
    return {
      pods: {
        known: this.#pods.listing.size,
        past: gone.size,
        evicted: gone.evicted,
        refused: this.#pods.listing.refused,
      },
      services: countsOf(this.#services.listing, this.#services.book),
      endpointSlices: countsOf(this.#backends.listing, this.#addresses, this.#only.book),
      nodes: countsOf(this.#nodes.listing, this.#nodes.book),
      asked: { pods: { ...this.#askedPods }, farEnds: { ...this.#askedFarEnds } },
    }
  }
}

function countsOf(
  listing: { readonly size: number; readonly refused: number },
  ...books: readonly { readonly past: number; readonly evicted: number; readonly refused: number }[]
): NameCounts {
  const sum = (of: 'past' | 'evicted' | 'refused') => books.reduce((all, book) => all + book[of], 0)
  return {
    known: listing.size,
    past: sum('past'),
    evicted: sum('evicted'),
    refused: listing.refused + sum('refused'),
  }
}
