import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { ClusterAccess } from './cluster-access.js'
import { inClusterAccess, isInCluster } from './in-cluster.js'
import { KubeError } from './kube-error.js'
import { kubeconfigAccess } from './kubeconfig-access.js'
import { readKubeconfig } from './read-kubeconfig.js'

/** Which cluster is meant. */
export interface AccessOptions {
  /** A kubeconfig: `--kubeconfig`. */
  readonly kubeconfig?: string | undefined
  /** A context of it: `--context`. */
  readonly context?: string | undefined
  readonly env?: NodeJS.ProcessEnv | undefined
}

/**
 * How the cluster is reached: by the kubeconfig that is named, by those of KUBECONFIG, by the service account of the pod that
 * this runs in, or by `~/.kube/config`; the first of these that is there.
 *
 * @throws {KubeError} `config_wrong`, also if there is none
 */
export async function findAccess(options: AccessOptions = {}): Promise<ClusterAccess> {
  const { kubeconfig, context, env = process.env } = options
  if (kubeconfig !== undefined) return kubeconfigAccess(await readKubeconfig([kubeconfig]), context)
  const named = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '')
  if (named.length > 0) return kubeconfigAccess(await readKubeconfig(named), context)
  // A context is one of a kubeconfig: a pod's account has none.
  if (context === undefined && isInCluster(env)) return inClusterAccess(env)
  const own = join(env['HOME'] || homedir(), '.kube', 'config')
  if (!existsSync(own))
    throw new KubeError(
      'config_wrong',
      'No cluster is known: this is no pod, KUBECONFIG is not set, and there is no ~/.kube/config. Name a kubeconfig by --kubeconfig or KUBECONFIG.',
    )
  return kubeconfigAccess(await readKubeconfig([own]), context)
}
