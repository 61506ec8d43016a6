import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import type { ClusterAccess } from './cluster-access.js'
import { KubeError } from './kube-error.js'

/** Where the kubelet puts what a pod needs to speak with the API. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Whether this process runs in a pod that is told of the API server. */
export function isInCluster(env: NodeJS.ProcessEnv): boolean {
  return env['KUBERNETES_SERVICE_HOST'] !== undefined && env['KUBERNETES_SERVICE_PORT'] !== undefined
}

/**
 * The API server as a pod reaches it, by the pod's service account.
 *
 * @param directory of the account's token, authorities and namespace
 * @throws {KubeError} `config_wrong`
 */
export async function inClusterAccess(
  env: NodeJS.ProcessEnv,
  directory = SERVICE_ACCOUNT,
): Promise<ClusterAccess> {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? ''
  const port = env['KUBERNETES_SERVICE_PORT'] ?? ''
  if (!/^[0-9A-Za-z.:-]{1,253}$/.test(host) || !/^\d{1,5}$/.test(port))
    throw new KubeError(
      'config_wrong',
      'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT do not name a host and a port: the kubelet sets them in each pod. Leave them as they were, or name a kubeconfig.',
    )
  const namespace = await readFile(join(directory, 'namespace'), 'utf8').catch(() => '')
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    authorities: { kind: 'file', path: join(directory, 'ca.crt') },
    isUnchecked: false,
    isCompressionOff: false,
    identity: { tokenFile: join(directory, 'token') },
    namespace: namespace.trim() || 'default',
    origin: 'the service account of this pod',
    warnings: [],
  }
}
