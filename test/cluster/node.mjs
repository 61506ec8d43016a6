// @ts-check
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeCgroup } from './cgroups.mjs'
import { attempt } from './commands.mjs'
import { endProcesses } from './daemons.mjs'
import { makeFolders } from './made-folders.mjs'
import { cniConfig, containerdConfig, kubeletConfig, PLACES, proxyConfig } from './node-files.mjs'
import { importInto } from './node-images.mjs'
import { until } from './say.mjs'

const NAMESPACES = fileURLToPath(new URL('node-namespaces.sh', import.meta.url))

/**
 * Starts what of a node does not run: its namespaces, containerd, the kubelet and kube-proxy.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {import('./daemons.mjs').Daemons} daemons
 * @param {number} number
 */
export async function startNode(cluster, daemons, number) {
  const { name, folder, namespace, address, cgroupRoot, podNetwork, kubeconfig } = cluster.node(number)
  for (const inner of [...Object.keys(PLACES), 'etc']) mkdirSync(join(folder, inner), { recursive: true })
  makeFolders(
    cluster,
    Object.values(PLACES).filter((place) => !place.startsWith(`${PLACES.varlib}/`)),
  )
  makeCgroup(cgroupRoot)
  const file = (/** @type {string} */ path, /** @type {string} */ text) => {
    writeFileSync(join(folder, path), text)
    return join(folder, path)
  }
  file('cni/10-bridge.conflist', cniConfig(podNetwork))
  const containerd = file('etc/containerd.toml', containerdConfig())
  const kubelet = file('etc/kubelet.yaml', kubeletConfig(cluster, number))
  const proxy = file('etc/kube-proxy.yaml', proxyConfig(cluster, number))

  const binds = Object.entries(PLACES).flatMap(([inner, place]) => [join(folder, inner), place])
  await daemons.start(name, [
    ...['nsenter', `--net=/run/netns/${namespace}`, 'unshare', '-m', '-u', '--propagation', 'private'],
    ...['sh', NAMESPACES, name, ...binds],
  ])
  await until(`the namespaces of ${name}`, () => daemons.pid(name) !== undefined, {
    seconds: 10,
    hint: () => daemons.lastWords(name),
  })
  const inside = insideNode(daemons, name)
  await daemons.start(`${name}-containerd`, [...inside, 'containerd', '-c', containerd])
  await until(
    `containerd on ${name}`,
    async () => (await attempt('nsenter', [...inside.slice(1), 'ctr', 'version'])) !== undefined,
    {
      seconds: 60,
      hint: () => daemons.lastWords(`${name}-containerd`),
    },
  )
  await importInto(cluster, daemons, number, imagesOf(cluster))
  await daemons.start(`${name}-kubelet`, [
    ...[...inside, join(cluster.bin, 'kubelet'), `--config=${kubelet}`, `--kubeconfig=${kubeconfig}`],
    ...[`--hostname-override=${name}`, `--node-ip=${address}`, `--root-dir=${PLACES.kubelet}`],
  ])
  await daemons.start(`${name}-kube-proxy`, [...inside, join(cluster.bin, 'kube-proxy'), `--config=${proxy}`])
}

/**
 * What stands in front of a command that is to run in a node's namespaces.
 *
 * @param {import('./daemons.mjs').Daemons} daemons
 * @param {string} name
 * @throws if the node does not run
 */
export function insideNode(daemons, name) {
  const pid = daemons.pid(name)
  if (pid === undefined) throw new Error(`${name} does not run: npm run cluster:up`)
  return ['nsenter', '-t', String(pid), '-m', '-n', '-u']
}

/**
 * Ends all that runs in a node: the kubelet before its pods, so that it starts none again.
 *
 * @param {import('./daemons.mjs').Daemons} daemons
 * @param {string} name
 * @param {() => readonly number[]} pods processes of its pods
 */
export async function stopNode(daemons, name, pods) {
  await daemons.stop(`${name}-kubelet`)
  await daemons.stop(`${name}-kube-proxy`)
  // As process 1 of their namespace most take no SIGTERM, and nobody waits for what they would say.
  for (let left = pods(); left.length > 0; left = pods()) await endProcesses(left, 0)
  await daemons.stop(`${name}-containerd`)
  const holder = daemons.pid(name)
  if (holder !== undefined) {
    // What containerd leaves running: a shim for each pod.
    await endProcesses(withSameMounts(holder).filter((pid) => pid !== holder))
  }
  await daemons.stop(name)
}

/** @param {import('./instance.mjs').Cluster} cluster */
function imagesOf({ images }) {
  const files = readdirSync(images).filter((file) => file.endsWith('.tar'))
  return files.map((file) => join(images, file)).filter(existsSync)
}

/**
 * Processes in the mount namespace of another.
 *
 * @param {number} pid
 */
function withSameMounts(pid) {
  const namespace = (/** @type {string | number} */ of) => readlinkSync(`/proc/${of}/ns/mnt`)
  const wanted = namespace(pid)
  // It was started with one of its own: if it is ours after all, nothing is to be ended.
  if (wanted === namespace('self')) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return namespace(name) === wanted && readFileSync(`/proc/${name}/cmdline`, 'utf8') !== ''
      } catch {
        return false
      }
    })
    .map(Number)
}
