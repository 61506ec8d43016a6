// @ts-check
import { isBuilt, kubectlCommand } from '../build.mjs'
import { attempt, missing } from '../commands.mjs'
import { isReady } from '../control-plane.mjs'
import { down } from '../down.mjs'
import { clusterInstance } from '../instance.mjs'
import { alone } from '../lock.mjs'
import { buildBlockedBy, startBlockedBy } from '../needs.mjs'
import { up } from '../up.mjs'

const NODES = 3

/**
 * The cluster of a run.
 *
 * @typedef {object} GivenCluster
 * @property {boolean} isOwn whether it is one of `npm run cluster:up`: images are put into its nodes, and pods reach this machine
 * @property {NodeJS.ProcessEnv} environment how it is reached
 * @property {() => Promise<void>} release ends it, if it was brought up for this run
 */

/**
 * The cluster that KUBECONFIG names; without, one of this machine, brought up if it is not.
 *
 * @returns {Promise<GivenCluster | string>} or why there is none
 */
export async function givenCluster() {
  const cluster = clusterInstance()
  const named = process.env['KUBECONFIG'] ?? ''
  if (named !== '' && named !== cluster.kubeconfig) {
    if (missing(['kubectl']).length > 0) return 'there is no kubectl'
    const environment = { KUBECONFIG: named }
    if ((await attempt('kubectl', ['--request-timeout=20s', 'get', 'nodes'])) === undefined)
      return `the cluster of KUBECONFIG (${named}) does not let its nodes be listed`
    if (process.env['HIVETAP_IMAGE'] === undefined)
      return 'HIVETAP_IMAGE is to say which image the nodes of that cluster pull'
    return { isOwn: false, environment, release: async () => {} }
  }
  const blocked = startBlockedBy() ?? ((await isBuilt(cluster)) ? undefined : buildBlockedBy())
  if (blocked !== undefined) return blocked
  const wasUp = await isReady(cluster)
  await alone(cluster, () => up(cluster, NODES))
  const proxies = { NO_PROXY: `${process.env['NO_PROXY'] ?? ''},${cluster.host}`, no_proxy: cluster.host }
  const environment = { ...proxies, KUBECONFIG: cluster.kubeconfig, HIVETAP_KUBECTL: kubectlCommand(cluster) }
  const release = () => (wasUp ? Promise.resolve() : alone(cluster, () => down(cluster)))
  return { isOwn: true, environment, release }
}
