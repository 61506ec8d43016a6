import type { Kubectl } from '../cluster/kubectl.js'
import { isForbidden, KubectlError } from '../cluster/kubectl-error.js'
import type { KubeObject, Manifest } from './manifest.js'

/**
 * Holds that Helm's own is not touched: it would not know what became of it.
 *
 * @throws {KubectlError} if what is there was installed by Helm
 */
export async function refuseHelms(
  kubectl: Kubectl,
  { daemonSet, namespace }: Manifest,
  signal: AbortSignal,
): Promise<void> {
  const { status, stdout, stderr } = await kubectl.run(
    [
      'get',
      'daemonset',
      daemonSet.metadata.name,
      `--namespace=${namespace}`,
      '--ignore-not-found',
      '--output=json',
    ],
    { signal },
  )
  if (status !== 0 || stdout.trim() === '') {
    if (status !== 0 && !isForbidden(stderr) && /refused|Unable to connect|no such host/.test(stderr))
      throw new KubectlError(`Cannot reach the cluster: ${stderr.trim().split('\n').at(-1)}`)
    return
  }
  const { metadata } = JSON.parse(stdout) as KubeObject
  if (metadata.labels?.['app.kubernetes.io/managed-by'] !== 'Helm') return
  throw new KubectlError(`What is in the namespace ${namespace} was installed by Helm`, {
    hint: `helm list --namespace ${namespace} names the release; helm upgrade and helm uninstall change it.`,
  })
}
