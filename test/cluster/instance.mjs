// @ts-check
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Nodes that a cluster may have: their certificates are made beforehand. */
export const MOST_NODES = 4

/** What is built once, for all clusters of this machine: HIVETAP_CLUSTER_CACHE, or a folder in the user's cache. */
export function cacheDirectory() {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return process.env['HIVETAP_CLUSTER_CACHE'] ?? join(cache, 'hivetap-cluster')
}

/**
 * One of the clusters that this machine may have at a time, each with names, networks and ports of its own: which one,
 * HIVETAP_CLUSTER says, a number from 0 to 9.
 *
 * @typedef {ReturnType<typeof clusterInstance>} Cluster
 */
export function clusterInstance(number = numberAsked()) {
  const cache = cacheDirectory()
  const state = number === 0 ? cache : join(cache, 'clusters', String(number))
  const name = number === 0 ? 'k8s' : `k8s${number}`
  const network = `10.${200 + number}.0`
  return {
    number,
    /** Where programs and images are, which clusters share. */
    cache,
    bin: join(cache, 'bin'),
    images: join(cache, 'img'),
    /** Where its keys, its data and its logs are. */
    state,
    pki: join(state, 'pki'),
    kubeconfigs: join(state, 'kubeconfig'),
    kubeconfig: join(state, 'kubeconfig/admin.conf'),
    run: join(state, 'run'),
    log: join(state, 'log'),
    bridge: `${name}lab0`,
    /** The host's address on the bridge: nodes and pods reach it, and it is that of the API. */
    host: `${network}.1`,
    apiPort: 6443,
    etcdPort: 12379 + number * 10,
    controllerPort: 10357 + number * 10,
    schedulerPort: 10359 + number * 10,
    serviceNetwork: '10.96.0.0/16',
    apiService: '10.96.0.1',
    dns: '10.96.0.10',
    podNetwork: `10.${podByte(number)}.0.0/16`,
    /** @param {number} node */
    node: (node) => nodeOf({ number, state, network }, node),
  }
}

/** All that this machine may have. */
export function allClusters() {
  return Array.from({ length: 10 }, (_, number) => clusterInstance(number))
}

/**
 * @param {{ number: number, state: string, network: string }} cluster
 * @param {number} node
 */
function nodeOf({ number, state, network }, node) {
  const name = `node${node}`
  const own = number === 0 ? name : `k8s${number}${name}`
  const folder = join(state, name)
  return {
    number: node,
    name,
    /** Its network namespace, as ip-netns(8) calls it. */
    namespace: own,
    /** The host's end of its wire. */
    wire: number === 0 ? `k8sv${node}` : `k8sv${number}x${node}`,
    address: `${network}.1${node}`,
    podNetwork: `10.${podByte(number)}.${node}.0/24`,
    /** Cgroup that its pods' are below: the first node's are where a machine has them that is one node. */
    cgroupRoot: number === 0 && node === 1 ? '/' : `/${own}`,
    folder,
    kubeconfig: join(state, `kubeconfig/${name}.conf`),
  }
}

function numberAsked() {
  const text = process.env['HIVETAP_CLUSTER'] ?? '0'
  if (!/^[0-9]$/.test(text)) throw new Error(`HIVETAP_CLUSTER is a number from 0 to 9, not "${text}"`)
  return Number(text)
}

/** @param {number} number */
function podByte(number) {
  return number === 0 ? 244 : 220 + number
}
