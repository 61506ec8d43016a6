// @ts-check
import { fileURLToPath } from 'node:url'
import { makeBaseImages } from './base-images.mjs'
import { buildPrograms, kubectlCommand } from './build.mjs'
import { makeCertificates } from './certificates.mjs'
import { attempt, run } from './commands.mjs'
import { startControlPlane } from './control-plane.mjs'
import { Daemons } from './daemons.mjs'
import { startBlockedBy } from './needs.mjs'
import { makeBridge, makeNodeNetwork } from './network.mjs'
import { startNode } from './node.mjs'
import { say, until } from './say.mjs'

const COREDNS = fileURLToPath(new URL('coredns.yaml', import.meta.url))

/**
 * Builds what is not in the cache, starts what does not run, and waits until the nodes are ready and names are resolved.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {number} count of nodes
 */
export async function up(cluster, count) {
  const blocked = startBlockedBy()
  if (blocked !== undefined) throw new Error(blocked)
  await buildPrograms(cluster)
  await makeBaseImages(cluster)
  await makeCertificates(cluster)
  const daemons = new Daemons(cluster)
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  await makeBridge(cluster)
  for (const number of numbers) await makeNodeNetwork(cluster, number, numbers)
  await startControlPlane(cluster, daemons)
  await Promise.all(numbers.map((number) => startNode(cluster, daemons, number)))
  const kubectl = [kubectlCommand(cluster), '--kubeconfig', cluster.kubeconfig]
  await nodesReady(cluster, daemons, kubectl, numbers)
  await namesResolved(kubectl)
  say(`${count} nodes are ready: export KUBECONFIG=${cluster.kubeconfig}`)
}

/**
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {Daemons} daemons
 * @param {readonly string[]} kubectl
 * @param {readonly number[]} numbers
 */
async function nodesReady(cluster, daemons, [command = '', ...args], numbers) {
  for (const { name } of numbers.map((number) => cluster.node(number))) {
    const path = '{.status.conditions[?(@.type=="Ready")].status}'
    const asked = [...args, 'get', 'node', name, '-o', `jsonpath=${path}`]
    await until(`${name} to be ready`, async () => (await attempt(command, asked)) === 'True', {
      seconds: 120,
      hint: () => daemons.lastWords(`${name}-kubelet`),
    })
  }
}

/** @param {readonly string[]} kubectl */
async function namesResolved([command = '', ...args]) {
  await run(command, [...args, 'apply', '-f', COREDNS])
  const path = '{.status.readyReplicas}'
  const asked = [...args, '-n', 'kube-system', 'get', 'deployment', 'coredns', '-o', `jsonpath=${path}`]
  await until('CoreDNS', async () => (await attempt(command, asked)) === '1', {
    seconds: 120,
    hint: () => `kubectl -n kube-system describe pods -l k8s-app=kube-dns`,
  })
}
