// @ts-check
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { podProcesses, removeCgroups } from './cgroups.mjs'
import { Daemons } from './daemons.mjs'
import { MOST_NODES } from './instance.mjs'
import { removeMadeFolders } from './made-folders.mjs'
import { removeNetwork } from './network.mjs'
import { stopNode } from './node.mjs'
import { say } from './say.mjs'

const NUMBERS = Array.from({ length: MOST_NODES }, (_, index) => index + 1)

/**
 * Ends everything of a cluster and removes what it left but for logs, and for what was built: also of one that is half up,
 * or half down.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 */
export async function down(cluster) {
  const daemons = new Daemons(cluster)
  const started = daemons.names()
  const isStarted = (/** @type {string} */ name) =>
    started.some((daemon) => daemon === name || daemon.startsWith(`${name}-`))
  // One whose pods are in the root is not told apart from the machine's own kubelet, if it was not started.
  const nodes = NUMBERS.map((number) => cluster.node(number)).filter(
    ({ name, cgroupRoot }) => isStarted(name) || cgroupRoot !== '/',
  )
  for (const { name } of nodes) if (isStarted(name)) say(`stops ${name}`)
  await Promise.all(
    nodes.map(({ name, cgroupRoot }) => stopNode(daemons, name, () => podProcesses(cgroupRoot))),
  )
  say('stops the control plane')
  // etcd last: the others write to it until they end.
  for (const name of ['kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'etcd'])
    await daemons.stop(name)
  await removeNetwork(cluster, NUMBERS)
  for (const { cgroupRoot } of nodes) removeCgroups(cgroupRoot)
  removeMadeFolders(cluster)
  removeData(cluster)
}

/**
 * What a cluster held goes with it: the next one begins empty. Keys stay, so that a kubeconfig that somebody has is good
 * for the next one too.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 */
function removeData({ state, run }) {
  const folders = readdirSync(state).filter((name) => name === 'etcd' || /^node\d$/.test(name))
  for (const name of folders) rmSync(join(state, name), { recursive: true, force: true })
  for (const name of readdirSync(run)) if (name.endsWith('.pid')) rmSync(join(run, name))
}
