import type { Kubectl } from '../cluster/kubectl.js'
import { KubectlError } from '../cluster/kubectl-error.js'
import type { Manifest } from './manifest.js'

/** `violates PodSecurity "restricted:latest": privileged (…)` */
const POD_SECURITY = /violates PodSecurity "(?<level>\w+)[^"]*": (?<why>.*)$/s

interface KubeEvent {
  readonly message?: string
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
  readonly series?: { readonly lastObservedTime?: string }
}

/**
 * Why the cluster takes none of the DaemonSet's pods, as its events tell: the DaemonSet itself is accepted all the same.
 *
 * @param sinceMs events of before are of another time
 * @returns `undefined` if none is refused, or that cannot be asked
 */
export async function refusedPods(
  kubectl: Kubectl,
  { namespace, daemonSet }: Manifest,
  sinceMs: number,
  signal: AbortSignal,
): Promise<KubectlError | undefined> {
  const { name } = daemonSet.metadata
  const fields = `involvedObject.kind=DaemonSet,involvedObject.name=${name},reason=FailedCreate`
  const { status, stdout } = await kubectl.run(
    ['get', 'events', `--namespace=${namespace}`, `--field-selector=${fields}`, '--output=json'],
    { signal },
  )
  if (status !== 0) return undefined
  const { items = [] } = JSON.parse(stdout) as { readonly items?: readonly KubeEvent[] }
  const message = items.filter((event) => timeOf(event) >= sinceMs).at(-1)?.message
  return message === undefined ? undefined : refusal(namespace, message)
}

/** What is said of an event's message. */
export function refusal(namespace: string, message: string): KubectlError {
  const { level, why = '' } = POD_SECURITY.exec(message)?.groups ?? {}
  if (level === undefined) return new KubectlError(`The cluster takes no pod of it: ${message}`)
  return new KubectlError(
    `The cluster takes no pod of it: PodSecurity of the namespace ${namespace} is "${level}", which refuses ${why}`,
    {
      hint: `It takes: kubectl label namespace ${namespace} --overwrite pod-security.kubernetes.io/enforce=privileged`,
    },
  )
}

function timeOf({ lastTimestamp, eventTime, series }: KubeEvent): number {
  return Date.parse(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? '')
}
