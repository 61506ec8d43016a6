import type { FarEnd } from '../../../packages/hivetap/src/kubernetes/whose.js'

/** A pod that is there. While it has an address it runs. */
export interface TruePod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly node: string
  readonly hostNetwork: boolean
  /** Its label app; pods of an app listen at one port. */
  readonly app: string
  address?: string
  runsSinceMs?: number
  endedMs?: number
}

export interface TrueNode {
  readonly name: string
  readonly uid: string
  readonly address: string
}

export interface TrueService {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** Absent of headless ones and of those that are a name. */
  readonly address?: string
  /** From outside, shared with others. */
  readonly shared?: string
  readonly port: number
  readonly portName: string
  readonly nodePort?: number
  /** Of which app its backends are. */
  readonly app: string
}

/** What leads from a Service to its pods: proxies and DNS go by slices alone, not by what a selector would find. */
export interface TrueSlice {
  /** The Service's name: its slices may be there a while longer than it is. */
  readonly service: string
  readonly port: number
  readonly portName: string
  /** UIDs. */
  readonly pods: readonly string[]
  /** Addresses of those that connects are sent to. */
  readonly ready: readonly string[]
}

/** What is so at a time: who holds what, whoever has heard of it. */
export interface State {
  readonly pods: readonly TruePod[]
  readonly nodes: readonly TrueNode[]
  readonly services: readonly TrueService[]
  readonly slices: readonly TrueSlice[]
}

export const PORTS: Readonly<Record<string, number>> = { a: 8080, b: 9090, none: 7070 }

/** A plain record of all that ever was, asked by looking through it. */
export class Truth {
  readonly #states: { readonly atMs: number; readonly state: State }[] = []

  record(atMs: number, { pods, nodes, services, slices }: State): void {
    const state = {
      pods: pods.map((pod) => ({ ...pod })),
      nodes: [...nodes],
      services: [...services],
      slices: [...slices],
    }
    this.#states.push({ atMs, state })
  }

  at(timeMs: number): State {
    const found = this.#states.findLast(({ atMs }) => atMs <= timeMs)
    return found?.state ?? { pods: [], nodes: [], services: [], slices: [] }
  }

  /** All that was so from a time to another, in order. */
  between(sinceMs: number, timeMs: number): readonly State[] {
    const later = this.#states.filter(({ atMs }) => sinceMs < atMs && atMs <= timeMs)
    return [this.at(sinceMs), ...later.map(({ state }) => state)]
  }

  get times(): readonly number[] {
    return this.#states.map(({ atMs }) => atMs)
  }
}

/** How far a proxy may be behind the slices, milliseconds. */
export const PROXY_MS = 30_000

/** Whose an address and port were. What nobody had is empty. */
export function trueFarEnd(truth: Truth, timeMs: number, address: string, port: number): FarEnd {
  const state = truth.at(timeMs)
  const { pods, nodes, services } = state
  const node = nodes.find((each) => each.address === address)
  const named = node === undefined ? {} : { node: node.name }
  const asked =
    services.find((each) => each.address === address) ??
    services.find((each) => each.shared === address && each.port === port) ??
    (node === undefined ? undefined : services.find((each) => each.nodePort === port))
  if (asked !== undefined) {
    const isPort = asked.port === port || (node !== undefined && asked.nodePort === port)
    const isOwn = asked.address === address && asked.port === port
    const led = isOwn ? ledTo(truth.between(timeMs - PROXY_MS, timeMs), state, asked) : {}
    return { service: serviceOf(asked, isPort), ...named, ...led }
  }
  const pod = pods.find((each) => each.address === address && (!each.hostNetwork || PORTS[each.app] === port))
  if (pod === undefined) return named
  const { namespace, name, uid } = pod
  return { ...serviceBehind(state, uid, port), pod: { namespace, name, uid }, ...named }
}

/** The only backend of a Service, whichever of the times a proxy goes by. */
function ledTo(states: readonly State[], now: State, { name, portName }: TrueService): FarEnd {
  const leading = (state: State) =>
    state.slices.filter((each) => each.service === name && each.portName === portName)
  const ready = states.map((state) => [...new Set(leading(state).flatMap((slice) => slice.ready))].join())
  const [address = ''] = ready
  if (address === '' || address.includes(',') || ready.some((each) => each !== address)) return {}
  const node = now.nodes.find((each) => each.address === address)
  const port = leading(now)[0]?.port
  const pod = now.pods.find(
    (each) => each.address === address && (!each.hostNetwork || PORTS[each.app] === port),
  )
  return {
    ...(pod === undefined ? {} : { pod: { namespace: pod.namespace, name: pod.name, uid: pod.uid } }),
    ...(node === undefined ? {} : { node: node.name }),
  }
}

/** The Service that alone leads to a pod, as long as it is there. */
function serviceBehind({ services, slices }: State, pod: string, port: number): Pick<FarEnd, 'service'> {
  const leading = slices.filter((each) => each.port === port && each.pods.includes(pod))
  const [first] = leading
  if (first === undefined || leading.some(({ service }) => service !== first.service)) return {}
  const service = services.find(({ name }) => name === first.service)
  if (service === undefined) return {}
  const isPort = leading.every(({ portName }) => portName === service.portName)
  return { service: serviceOf(service, isPort) }
}

function serviceOf({ namespace, name, portName }: TrueService, isPort: boolean) {
  return isPort ? { namespace, name, portName } : { namespace, name }
}
