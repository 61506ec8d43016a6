import { findAccess } from './client/find-access.js'
import { ClusterWatch } from './cluster-watch.js'
import { growHeapSlowly } from './grow-heap-slowly.js'
import type { NamesConfig } from './names-config.js'
import type { NamesIo } from './names-io.js'

/**
 * Begins to follow the cluster that a process is in, or that a kubeconfig names. Whatever follows none does not load this: a reader
 * of YAML and a client of HTTP are a tenth of a second.
 *
 * @throws {KubeError} if no cluster is known, or what tells of it cannot be read
 */
export async function openCluster(
  { kubeconfig, context, node, labels }: NamesConfig,
  { note, env = process.env }: NamesIo,
): Promise<ClusterWatch> {
  growHeapSlowly()
  return new ClusterWatch(await findAccess({ kubeconfig, context, env }), { node, labels, note })
}
