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

  get times(): readonly number[] {
    return this.#states.map(({ atMs }) => atMs)
  }
}

/** Whose an address and port were. What nobody had is empty. */
export function trueFarEnd(state: State, address: string, port: number): FarEnd {
  const { pods, nodes, services } = state
  const node = nodes.find((each) => each.address === address)
  const named = node === undefined ? {} : { node: node.name }
  const asked =
    services.find((each) => each.address === address) ??
    services.find((each) => each.shared === address && each.port === port) ??
    (node === undefined ? undefined : services.find((each) => each.nodePort === port))
  if (asked !== undefined) {
    const isPort = asked.port === port || (node !== undefined && asked.nodePort === port)
    return { service: serviceOf(asked, isPort), ...named }
  }
  const pod = pods.find((each) => each.address === address && (!each.hostNetwork || PORTS[each.app] === port))
  if (pod === undefined) return named
  const { namespace, name, uid } = pod
  return { ...serviceBehind(state, uid, port), pod: { namespace, name, uid }, ...named }
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
