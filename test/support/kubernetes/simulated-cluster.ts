import { KubernetesNames } from '../../../packages/hivetap/src/kubernetes/model/kubernetes-names.js'
import { pickEndpointSlice } from '../../../packages/hivetap/src/kubernetes/model/pick/pick-endpoint-slice.js'
import { pickNode } from '../../../packages/hivetap/src/kubernetes/model/pick/pick-node.js'
import { pickPod } from '../../../packages/hivetap/src/kubernetes/model/pick/pick-pod.js'
import { pickService } from '../../../packages/hivetap/src/kubernetes/model/pick/pick-service.js'
import { type ApiPod, type ApiTime, nodeObject, podObject, serviceObject, sliceObject } from './objects.js'
import { PORTS, type TrueNode, type TruePod, type TrueService, type TrueSlice, Truth } from './truth.js'
import { WatchStream } from './watch-stream.js'

export interface Pace {
  /** How far the API server's clock is ahead of this host's, milliseconds. */
  readonly clockMs: number
  /** Between one thing and what follows from it, milliseconds: drawn anew each time it is asked. */
  readonly stepMs: () => number
  /** Between the API server and a sink, milliseconds. */
  readonly watchMs: () => number
}

interface Appointment {
  readonly atMs: number
  readonly does: () => void
}

interface WrittenSlice extends TrueSlice {
  /** Of the Service: one that is made anew under the same name does not take over the slices of the former. */
  readonly owner: string
}

export const ADDRESSES = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']
export const SERVICE_ADDRESSES = ['10.96.0.1', '10.96.0.2']
export const SHARED_ADDRESS = '203.0.113.9'
export const OWN_NODE = 'n0'

/**
 * A cluster that is made up: what is so, what its API tells of it some time after, and the watches that bring that to the names.
 * An address is given to whoever comes next, at once. A pod gives its address back before the API says that it is over.
 */
export class SimulatedCluster {
  readonly truth = new Truth()
  nowMs = Date.UTC(2026, 10, 28, 12)
  /** What the watches fill. */
  readonly names = new KubernetesNames({ now: () => this.nowMs })
  readonly pods: TruePod[] = []
  readonly nodes: TrueNode[] = []
  readonly services: TrueService[] = []
  readonly #apiPods = new Map<string, ApiPod>()
  readonly #slices = new Map<string, WrittenSlice>()
  readonly #made = new Map<string, number>()
  readonly #pace: Pace
  #agenda: Appointment[] = []
  #count = 0
  readonly streams

  constructor(pace: Pace) {
    this.#pace = pace
    const { names } = this
    this.streams = {
      pods: new WatchStream(names.podSink, pickPod, pace.watchMs),
      services: new WatchStream(names.serviceSink, pickService, pace.watchMs),
      slices: new WatchStream(names.endpointSliceSink, pickEndpointSlice, pace.watchMs),
      nodes: new WatchStream(names.nodeSink, pickNode, pace.watchMs),
    }
    for (const stream of Object.values(this.streams)) stream.list(this.nowMs)
  }

  get slices(): readonly TrueSlice[] {
    return [...this.#slices.values()]
  }

  /** Lets time pass, with all that happens meanwhile, in order. */
  pass(forMs: number): void {
    const toMs = this.nowMs + forMs
    while (true) {
      const [next] = this.#agenda
      const streams = Object.values(this.streams)
      const newsMs = Math.min(...streams.map((stream) => stream.nextMs))
      const doesMs = next?.atMs ?? Number.POSITIVE_INFINITY
      if (Math.min(newsMs, doesMs) > toMs) break
      this.nowMs = Math.max(this.nowMs, Math.min(newsMs, doesMs))
      if (next !== undefined && doesMs <= newsMs) {
        this.#agenda.shift()
        next.does()
      } else streams.find((stream) => stream.nextMs === newsMs)?.deliver()
    }
    this.nowMs = toMs
  }

  addNode(address: string): void {
    if (this.#holds(address)) return
    const name = `n${[0, 1, 2].find((each) => !this.nodes.some((node) => node.name === `n${each}`)) ?? 9}`
    if (name === 'n9') return
    const node = { name, uid: this.#uid(), address }
    this.nodes.push(node)
    this.#record()
    this.#after(() => {
      if (this.nodes.includes(node)) this.#putNode(node)
    })
  }

  /** Its pods are gone with it. */
  removeNode(index: number): void {
    const node = this.nodes[index % this.nodes.length]
    if (node === undefined || node.name === OWN_NODE) return
    for (const pod of this.pods.filter((each) => each.node === node.name)) this.#dropPod(pod)
    this.nodes.splice(this.nodes.indexOf(node), 1)
    this.#record()
    this.#after(() => {
      if (!this.nodes.some(({ name }) => name === node.name)) this.streams.nodes.remove(node.name, this.nowMs)
    })
  }

  addPod(nodeIndex: number, app: string, hostNetwork: boolean, name: string): void {
    const node = this.nodes[nodeIndex % Math.max(1, this.nodes.length)]
    if (node === undefined || this.pods.some((pod) => pod.name === name)) return
    if (hostNetwork && this.pods.some((pod) => pod.hostNetwork && pod.node === node.name && pod.app === app))
      return
    const pod: TruePod = { namespace: 'shop', name, uid: this.#uid(), node: node.name, hostNetwork, app }
    this.pods.push(pod)
    this.#record()
    this.#apiPods.set(pod.uid, { ...pod, createdMs: this.nowMs })
    this.#tellPod(pod.uid)
    this.#after(() => {
      const address = hostNetwork ? node.address : ADDRESSES.find((each) => !this.#holds(each))
      if (address === undefined || !this.pods.includes(pod)) return
      pod.address = address
      this.#record()
      this.#after(() => {
        if (!this.pods.includes(pod)) return
        pod.runsSinceMs = this.nowMs
        this.#after(() => this.#tellPod(pod.uid, pod))
      })
    })
  }

  /** A pod ends: by itself, and its object stays, or because it was removed. */
  endPod(index: number, stays: boolean): void {
    const pod = this.pods[index % Math.max(1, this.pods.length)]
    if (pod === undefined) return
    pod.endedMs = this.nowMs
    this.#after(() => this.#dropPod(pod, stays))
  }

  /** A pod's probe fails, or no longer does. */
  changeReadiness(index: number): void {
    const pod = this.pods[index % Math.max(1, this.pods.length)]
    const told = pod === undefined ? undefined : this.#apiPods.get(pod.uid)
    if (told === undefined) return
    told.isUnready = told.isUnready !== true
    this.#after(() => this.#tellAllSlices())
  }

  /** Removes what ended by itself. */
  removeOver(): void {
    for (const [uid, pod] of this.#apiPods) if (pod.isOver) this.#removePod(uid)
  }

  addService(service: Omit<TrueService, 'uid' | 'namespace' | 'portName'>): void {
    const taken = this.services.some(
      (each) =>
        each.name === service.name ||
        (each.address !== undefined && each.address === service.address) ||
        (each.shared !== undefined && each.shared === service.shared && each.port === service.port) ||
        (each.nodePort !== undefined && each.nodePort === service.nodePort),
    )
    if (taken) return
    const made: TrueService = {
      ...service,
      namespace: 'shop',
      uid: this.#uid(),
      portName: `p${service.port}`,
    }
    this.services.push(made)
    this.#made.set(made.uid, this.nowMs)
    this.#record()
    this.#tellService(made)
  }

  /** It goes, or changes its ports, or becomes headless and gives its address back. */
  changeService(index: number, how: 'removed' | 'port' | 'headless'): void {
    const at = index % Math.max(1, this.services.length)
    const service = this.services[at]
    if (service === undefined) return
    if (how === 'removed') {
      this.services.splice(at, 1)
      this.#record()
      this.streams.services.remove(`shop/${service.name}`, this.nowMs)
      this.#after(() => this.#tellSlices(service.name))
      return
    }
    const { address: _, shared: __, nodePort: ___, ...plain } = service
    const port = service.port + 1000
    const changed = how === 'port' ? { ...service, port, portName: `p${port}` } : plain
    const isTaken = this.services.some(
      (each) => each !== service && each.shared === service.shared && each.port === port,
    )
    if (isTaken) return
    this.services[at] = changed
    this.#record()
    this.#tellService(changed)
  }

  #holds(address: string): boolean {
    return [...this.pods, ...this.nodes].some((each) => each.address === address)
  }

  #dropPod(pod: TruePod, stays = false): void {
    const at = this.pods.indexOf(pod)
    if (at < 0) return
    this.pods.splice(at, 1)
    this.#record()
    this.#after(() => {
      const told = this.#apiPods.get(pod.uid)
      if (told === undefined) return
      if (!stays) return this.#removePod(pod.uid)
      told.isOver = true
      if (pod.address !== undefined && pod.runsSinceMs !== undefined) this.#tellPod(pod.uid, pod)
      else this.#removePod(pod.uid)
    })
  }

  #tellPod(uid: string, now?: TruePod): void {
    const pod = this.#apiPods.get(uid)
    if (pod === undefined) return
    const { address, runsSinceMs, endedMs } = now ?? {}
    if (address !== undefined) pod.address = address
    if (runsSinceMs !== undefined) pod.runsSinceMs = runsSinceMs
    if (endedMs !== undefined) pod.endedMs = endedMs
    if (pod.node === OWN_NODE) {
      const object = podObject(pod, this.#apiTime, cutTime, this.nowMs)
      this.streams.pods.put(uid, object, this.nowMs)
    }
    this.#after(() => this.#tellAllSlices())
  }

  #removePod(uid: string): void {
    this.#apiPods.delete(uid)
    this.streams.pods.remove(uid, this.nowMs)
    this.#after(() => this.#tellAllSlices())
  }

  #putNode(node: TrueNode): void {
    this.streams.nodes.put(node.name, nodeObject(node, this.#apiTime, this.nowMs, this.nowMs), this.nowMs)
  }

  #tellService(service: TrueService): void {
    const object = serviceObject(service, this.#apiTime, this.#made.get(service.uid) ?? 0, this.nowMs)
    this.streams.services.put(`shop/${service.name}`, object, this.nowMs)
    this.#after(() => this.#tellSlices(service.name))
  }

  #tellAllSlices(): void {
    for (const { name } of this.services) this.#tellSlices(name)
  }

  /** As the controller sees pods: by the API. Two slices a Service. */
  #tellSlices(name: string): void {
    const service = this.services.find((each) => each.name === name)
    for (const [key, slice] of this.#slices)
      if (slice.service === name && slice.owner !== service?.uid) {
        this.#slices.delete(key)
        this.#record()
        this.streams.slices.remove(key, this.nowMs)
      }
    if (service !== undefined) for (const index of [0, 1]) this.#writeSlice(service, index)
  }

  #writeSlice(service: TrueService, index: number): void {
    const { name, uid: owner, app, portName } = service
    const key = `shop/${name}-${owner}-${index}`
    const pods = [...this.#apiPods.values()].filter(
      (pod) =>
        pod.app === app && pod.address !== undefined && !pod.isOver && pod.uid.charCodeAt(1) % 2 === index,
    )
    const slice = {
      service: name,
      owner,
      port: PORTS[app] ?? 0,
      portName,
      pods: pods.map(({ uid }) => uid),
      ready: pods.flatMap(({ address, isUnready }) =>
        address === undefined || isUnready === true ? [] : [address],
      ),
    }
    if (JSON.stringify(this.#slices.get(key)) === JSON.stringify(slice)) return
    this.#slices.set(key, slice)
    this.#record()
    this.streams.slices.put(key, sliceObject(service, index, pods, this.#apiTime, this.nowMs), this.nowMs)
  }

  readonly #apiTime: ApiTime = (timeMs) => cutTime(timeMs + this.#pace.clockMs)

  #uid(): string {
    return `u${this.#count++}`
  }

  #record(): void {
    this.truth.record(this.nowMs, this)
  }

  #after(does: () => void): void {
    const atMs = this.nowMs + this.#pace.stepMs()
    const index = this.#agenda.findIndex((each) => each.atMs > atMs)
    this.#agenda.splice(index < 0 ? this.#agenda.length : index, 0, { atMs, does })
  }
}

function cutTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`
}
