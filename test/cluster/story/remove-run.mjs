// @ts-check
import { Kubectl } from './kubectl.mjs'
import { RUN_LABEL } from './objects.mjs'
import { onEveryNode } from './on-every-node.mjs'

/** What a run makes that belongs to no namespace, and the namespaces themselves. */
const KINDS = 'namespaces,clusterroles,clusterrolebindings,priorityclasses'

/**
 * Removes whatever of a run is on the cluster, in whatever state it was left: its agents first, then what they keep on the
 * nodes.
 *
 * @param {string} run
 * @param {string} image
 */
export async function removeRun(run, image) {
  const kubectl = new Kubectl()
  await kubectl.run(['delete', KINDS, '-l', `${RUN_LABEL}=${run}`, '--timeout=180s'])
  await onEveryNode('sweep', run, image)
}
