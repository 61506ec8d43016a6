// @ts-check
import { existsSync } from 'node:fs'
import { attempt, run } from './commands.mjs'

const ip = (/** @type {string} */ line) => run('ip', line.split(' '))

/**
 * The bridge that joins the host and the nodes.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 */
export async function makeBridge({ bridge, host }) {
  if (existsSync(`/sys/class/net/${bridge}`)) return
  await ip(`link add ${bridge} type bridge`)
  await ip(`addr add ${host}/24 dev ${bridge}`)
  await ip(`link set ${bridge} up`)
}

/**
 * A node's network namespace, wired to the bridge, with ways to the pods of the other nodes.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {number} number
 * @param {readonly number[]} all numbers of the cluster's nodes
 */
export async function makeNodeNetwork(cluster, number, all) {
  const { namespace, wire, address, podNetwork } = cluster.node(number)
  if (!existsSync(`/run/netns/${namespace}`)) {
    await ip(`netns add ${namespace}`)
    await ip(`link add ${wire} type veth peer name eth0 netns ${namespace}`)
    await ip(`link set ${wire} master ${cluster.bridge} up`)
    await ip(`-n ${namespace} link set lo up`)
    await ip(`-n ${namespace} addr add ${address}/24 dev eth0`)
    await ip(`-n ${namespace} link set eth0 up`)
    await ip(`-n ${namespace} route add default via ${cluster.host}`)
    // Also where the bridge's packets go through iptables, as kube-proxy wants it where that can be.
    for (const setting of ['net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0'])
      await ip(`netns exec ${namespace} sysctl -qw ${setting}`)
    await attempt('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', 'net.bridge.bridge-nf-call-iptables=1'])
  }
  await ip(`route replace ${podNetwork} via ${address}`)
  for (const other of all.filter((node) => node !== number).map((node) => cluster.node(node)))
    await ip(`-n ${namespace} route replace ${other.podNetwork} via ${other.address}`)
}

/**
 * Removes all of it that there is. Routes and wires go with what they hang on.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {readonly number[]} numbers of nodes that there may be
 */
export async function removeNetwork(cluster, numbers) {
  for (const { namespace, wire } of numbers.map((number) => cluster.node(number))) {
    if (existsSync(`/sys/class/net/${wire}`)) await attempt('ip', ['link', 'del', wire])
    if (existsSync(`/run/netns/${namespace}`)) await ip(`netns del ${namespace}`)
  }
  if (existsSync(`/sys/class/net/${cluster.bridge}`)) await ip(`link del ${cluster.bridge}`)
}
