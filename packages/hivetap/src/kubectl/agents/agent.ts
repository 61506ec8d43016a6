/** A pod in which hivetap runs. */
export interface Agent {
  readonly namespace: string
  readonly pod: string
  readonly uid: string
  /** The node that it is on. */
  readonly node: string
  /** The container of hivetap. */
  readonly container: string
  readonly image: string
  /** Whether its container runs: then something can be run beside it. */
  readonly running: boolean
  readonly ready: boolean
  /** Why it does not run, as far as its status tells: `ImagePullBackOff: …`. */
  readonly reason?: string
  readonly restarts: number
  /** When its container was started, milliseconds since 1970. */
  readonly startedMs?: number
  /** How hivetap is called there: `hivetap`, or Node and a script. */
  readonly command: readonly [string, ...string[]]
  /** Where it tells its health: a file or a socket of the container. A pod that runs a tool for `kubectl logs` tells none. */
  readonly healthPath?: string
  /** What it is asked to run: `agent`, or a tool. */
  readonly runs?: string
  /** Its version, as its labels have it. */
  readonly version?: string
}

/** A pod as the API has it, as far as it is read. */
interface Pod {
  readonly metadata?: {
    readonly name?: string
    readonly namespace?: string
    readonly uid?: string
    readonly annotations?: Readonly<Record<string, string>>
    readonly labels?: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
  }
  readonly spec?: {
    readonly nodeName?: string
    readonly containers?: readonly Container[]
    readonly affinity?: { readonly nodeAffinity?: NodeAffinity }
  }
  readonly status?: {
    readonly phase?: string
    readonly reason?: string
    readonly message?: string
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly conditions?: readonly { type?: string; status?: string; reason?: string; message?: string }[]
  }
}

/** How a DaemonSet says which node a pod is for. */
interface NodeAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: {
    readonly nodeSelectorTerms?: readonly {
      readonly matchFields?: readonly { readonly key?: string; readonly values?: readonly string[] }[]
    }[]
  }
}

interface Container {
  readonly name?: string
  readonly image?: string
  readonly args?: readonly string[]
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
  readonly startupProbe?: Probe
}

interface Probe {
  readonly exec?: { readonly command?: readonly string[] }
}

interface ContainerStatus {
  readonly name?: string
  readonly ready?: boolean
  readonly restartCount?: number
  readonly state?: {
    readonly running?: { readonly startedAt?: string }
    readonly waiting?: { readonly reason?: string; readonly message?: string }
    readonly terminated?: { readonly reason?: string; readonly exitCode?: number }
  }
}

/** The container that is meant where none is named. */
const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container'

const VERSION_LABEL = 'app.kubernetes.io/version'

/** The agents in a list of pods, by node; pods that are for no node, or on their way out, are none. */
export function agentsIn(list: string): Agent[] {
  const { items = [] } = JSON.parse(list) as { readonly items?: readonly Pod[] }
  return items.flatMap(agentOf).toSorted((one, other) => compare(one.node, other.node))
}

function agentOf({ metadata = {}, spec = {}, status = {} }: Pod): Agent[] {
  const { name, namespace, uid, annotations = {}, labels = {}, deletionTimestamp } = metadata
  const { containers = [] } = spec
  const nodeName = spec.nodeName ?? meantFor(spec.affinity?.nodeAffinity)
  const wanted = annotations[DEFAULT_CONTAINER] ?? 'hivetap'
  const container = containers.find((one) => one.name === wanted) ?? containers[0]
  if (name === undefined || namespace === undefined || uid === undefined || nodeName === undefined) return []
  if (container?.name === undefined || deletionTimestamp !== undefined) return []
  const now = status.containerStatuses?.find((one) => one.name === container.name)
  const running = now?.state?.running
  const reason = reasonOf(status, now)
  const startedMs = Date.parse(running?.startedAt ?? '')
  return [
    {
      namespace,
      pod: name,
      uid,
      node: nodeName,
      container: container.name,
      image: container.image ?? '',
      running: running !== undefined,
      ready: now?.ready === true,
      ...(reason === undefined ? {} : { reason }),
      restarts: now?.restartCount ?? 0,
      ...(Number.isNaN(startedMs) ? {} : { startedMs }),
      ...calledBy(container),
      ...(container.args?.[0] === undefined ? {} : { runs: container.args[0] }),
      ...(labels[VERSION_LABEL] === undefined ? {} : { version: labels[VERSION_LABEL] }),
    },
  ]
}

/** The node that a pod waits for: it has no room, or cannot be reached. */
function meantFor(affinity: NodeAffinity | undefined): string | undefined {
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const fields = terms.flatMap(({ matchFields = [] }) => matchFields)
  return fields.find(({ key }) => key === 'metadata.name')?.values?.[0]
}

function reasonOf(status: NonNullable<Pod['status']>, now: ContainerStatus | undefined): string | undefined {
  const { waiting, terminated, running } = now?.state ?? {}
  if (running !== undefined) return undefined
  if (waiting !== undefined) return sentence(waiting.reason, waiting.message)
  if (terminated !== undefined)
    return `${terminated.reason ?? 'it ended'}, exit status ${terminated.exitCode}`
  const refused = status.conditions?.find((one) => one.status === 'False' && one.message !== undefined)
  return sentence(status.reason ?? refused?.reason ?? status.phase, status.message ?? refused?.message)
}

function sentence(reason: string | undefined, message: string | undefined): string | undefined {
  return message === undefined ? reason : `${reason ?? 'it does not run'}: ${message}`
}

/**
 * How hivetap is called in the container: as its probes call it. `<command…> health <path>` tells both what to call, in an image
 * that may have neither a shell nor a PATH, and where the agent tells its health.
 */
function calledBy(container: Container): Pick<Agent, 'command' | 'healthPath'> {
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    const words = probe?.exec?.command ?? []
    const at = words.indexOf('health')
    const [first, ...rest] = words.slice(0, Math.max(at, 0))
    if (first === undefined) continue
    const healthPath = words.slice(at + 1).find((word) => word.startsWith('/'))
    return { command: [first, ...rest], ...(healthPath === undefined ? {} : { healthPath }) }
  }
  return { command: ['hivetap'] }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
