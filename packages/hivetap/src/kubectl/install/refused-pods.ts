import type { Kubectl } from '../cluster/kubectl.js'
import { KubectlError } from '../cluster/kubectl-error.js'
import type { Manifest } from './manifest.js'

/** `violates PodSecurity "restricted:latest": privileged (…)` */
const POD_SECURITY = /violates PodSecurity "(?<level>\w+)[^"]*": (?<why>.*)$/s

interface KubeEvent {
  readonly metadata?: { readonly name?: string }
  readonly message?: string
  readonly count?: number
  readonly lastTimestamp?: string | null
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string }
}

/**
 * Why the cluster takes none of the DaemonSet's pods, as its events tell: the DaemonSet itself is accepted all the same. Events
 * of before are of another time: they stay for an hour, also where what they tell of was mended.
 */
export class RefusedPods {
  readonly #kubectl: Kubectl
  readonly #manifest: Manifest
  readonly #before = new Set<string>()

  private constructor(kubectl: Kubectl, manifest: Manifest) {
    this.#kubectl = kubectl
    this.#manifest = manifest
  }

  /** Notes what is told already, before something is applied. */
  static async before(kubectl: Kubectl, manifest: Manifest, signal: AbortSignal): Promise<RefusedPods> {
    const refused = new RefusedPods(kubectl, manifest)
    for (const event of await refused.#events(signal)) refused.#before.add(occurrence(event))
    return refused
  }

  /** @returns `undefined` if none is refused, or that cannot be asked */
  async since(signal: AbortSignal): Promise<KubectlError | undefined> {
    const fresh = (await this.#events(signal)).filter((event) => !this.#before.has(occurrence(event)))
    const message = fresh.at(-1)?.message
    if (message === undefined || (await this.#isMended(message, signal))) return undefined
    return refusal(this.#manifest.namespace, message)
  }

  /** Whether the namespace has another level now: an attempt that was under way is told of after that. */
  async #isMended(message: string, signal: AbortSignal): Promise<boolean> {
    const { level } = POD_SECURITY.exec(message)?.groups ?? {}
    if (level === undefined) return false
    const { status, stdout } = await this.#kubectl.run(
      ['get', 'namespace', this.#manifest.namespace, '--output=json'],
      { signal },
    )
    if (status !== 0) return false
    const { metadata } = JSON.parse(stdout) as {
      readonly metadata: { readonly labels?: Record<string, string> }
    }
    const now = metadata.labels?.['pod-security.kubernetes.io/enforce']
    return now !== undefined && now !== level
  }

  async #events(signal: AbortSignal): Promise<readonly KubeEvent[]> {
    const { namespace, daemonSet } = this.#manifest
    const fields = `involvedObject.kind=DaemonSet,involvedObject.name=${daemonSet.metadata.name},reason=FailedCreate`
    const { status, stdout } = await this.#kubectl.run(
      ['get', 'events', `--namespace=${namespace}`, `--field-selector=${fields}`, '--output=json'],
      { signal },
    )
    if (status !== 0) return []
    return (JSON.parse(stdout) as { readonly items?: readonly KubeEvent[] }).items ?? []
  }
}

/** An event is told again by a count in the same object. */
function occurrence({ metadata, count, lastTimestamp, series }: KubeEvent): string {
  return JSON.stringify([metadata?.name, count, lastTimestamp, series?.count, series?.lastObservedTime])
}

/** What is said of an event's message. */
function refusal(namespace: string, message: string): KubectlError {
  const { level, why = '' } = POD_SECURITY.exec(message)?.groups ?? {}
  if (level === undefined) return new KubectlError(`The cluster takes no pod of it: ${message}`)
  return new KubectlError(
    `The cluster takes no pod of it: PodSecurity of the namespace ${namespace} is "${level}", which refuses ${why}`,
    {
      hint: `It takes: kubectl label namespace ${namespace} --overwrite pod-security.kubernetes.io/enforce=privileged`,
    },
  )
}
