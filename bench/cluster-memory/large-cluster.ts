import {
  ENDPOINT_SLICES,
  NODES,
  PODS,
  SERVICES,
} from '../../packages/hivetap/src/kubernetes/client/resource.js'
import { ApiServer, type ApiServerOptions } from '../../test/support/kubernetes/api-server.js'
import {
  type BenchPod,
  namespaceOf,
  nodeName,
  nodeObject,
  podObject,
  serviceObject,
  sliceObject,
} from './objects.js'

const PODS_IN_ALL = 10_000
const PODS_OF_NODE = 110
const NODES_IN_ALL = 1_000
const SERVICES_IN_ALL = 1_000
/** Half of the pods work for so many Services, a hundred for each: as many as a slice holds. */
const LARGE_SERVICES = 50
/** A kubelet writes its node's status each five minutes. */
const BEATS_A_SECOND = NODES_IN_ALL / 300
const TICK_MS = 100

/** The node that is measured. */
export const NODE = nodeName(0)

/**
 * A cluster of 10,000 pods behind a test's API server, 110 of them on the first of 1,000 nodes, each a backend of one of 1,000
 * Services; and what happens in it.
 */
export class LargeCluster {
  readonly server: ApiServer
  /** Whose an address is, or was: `namespace/name`. None is given twice. */
  readonly owners = new Map<string, string>()
  replaced = 0
  readonly #pods: BenchPod[] = []
  readonly #byService = new Map<number, Map<string, BenchPod>>()
  #made = 0
  #beats = 0

  constructor(options: ApiServerOptions) {
    // Unlike most tests', a real API server answers from memory with all there is at once, whatever is asked for a page.
    this.server = new ApiServer({ ...options, isMemoryPaged: false, bookmarkMs: 60_000 })
    for (let index = 0; index < NODES_IN_ALL; index++) this.#collection(NODES).put(nodeObject(index))
    for (let service = 0; service < SERVICES_IN_ALL; service++) {
      this.#collection(SERVICES).put(serviceObject(service))
      this.#byService.set(service, new Map())
    }
    for (let index = 0; index < PODS_IN_ALL; index++) {
      const service =
        index % 2 === 0
          ? (index / 2) % LARGE_SERVICES
          : LARGE_SERVICES + (((index - 1) / 2) % (SERVICES_IN_ALL - LARGE_SERVICES))
      this.#pods.push(this.#begin(nodeOf(index), service))
    }
    for (const service of this.#byService.keys()) this.#writeSlice(service)
  }

  /** Addresses that a pod has now. */
  get addresses(): readonly string[] {
    return this.#pods.map(({ address }) => address)
  }

  /** Replaces so many pods a second, each by another on the same node, until the signal aborts. Slices are written ten times a second. */
  async churn(aSecond: number, signal: AbortSignal): Promise<void> {
    const began = performance.now()
    const before = this.replaced
    while (!signal.aborted) {
      const seconds = (performance.now() - began) / 1000
      const touched = new Set<number>()
      while (this.replaced - before < seconds * aSecond) touched.add(this.#replaceNext())
      for (const service of touched) this.#writeSlice(service)
      while (this.#beats < seconds * BEATS_A_SECOND) this.#beat()
      await new Promise((resolve) => setTimeout(resolve, TICK_MS))
    }
  }

  /** All watches are cut, and the server has forgotten where they were: 410, and a list of everything. */
  forget(): void {
    this.server.cutAll()
    this.#beat()
    for (const resource of [PODS, SERVICES, ENDPOINT_SLICES, NODES]) this.#collection(resource).compact()
  }

  #collection(resource: Parameters<ApiServer['collection']>[0]) {
    return this.server.collection(resource)
  }

  #begin(node: string, service: number): BenchPod {
    const index = this.#made++
    const pod: BenchPod = {
      index,
      name: `checkout-${(index % 97).toString(36)}-${((index * 2654435761) % 2 ** 32).toString(36)}-${index.toString(36)}`,
      uid: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
      node,
      address: `10.244.${index >> 8}.${index & 255}`,
      service,
    }
    if (index >= 2 ** 16) throw new Error('there are no more addresses')
    this.owners.set(pod.address, `${namespaceOf(service)}/${pod.name}`)
    this.#collection(PODS).put(podObject(pod))
    this.#byService.get(service)?.set(pod.uid, pod)
    return pod
  }

  /** @returns for which Service it works */
  #replaceNext(): number {
    // In an order in which no two of a Service, nor of a node, follow each other; each comes once before one comes again.
    const at = (this.replaced++ * 3_571) % PODS_IN_ALL
    const { name, uid, node, service } = this.#pods[at] as BenchPod
    this.#byService.get(service)?.delete(uid)
    this.#collection(PODS).remove(`${namespaceOf(service)}/${name}`)
    this.#pods[at] = this.#begin(node, service)
    return service
  }

  #writeSlice(service: number): void {
    this.#collection(ENDPOINT_SLICES).put(
      sliceObject(service, (this.#byService.get(service) ?? new Map<string, BenchPod>()).values()),
    )
  }

  #beat(): void {
    this.#beats++
    this.#collection(NODES).put(nodeObject(this.#beats % NODES_IN_ALL, this.#beats))
  }
}

function nodeOf(index: number): string {
  if (index < PODS_OF_NODE) return NODE
  return nodeName(1 + (index % (NODES_IN_ALL - 1)))
}
