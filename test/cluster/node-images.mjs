// @ts-check
import { resolve } from 'node:path'
import { run } from './commands.mjs'
import { Daemons } from './daemons.mjs'
import { insideNode } from './node.mjs'

/**
 * Puts images of OCI archives into a node's containerd.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {import('./daemons.mjs').Daemons} daemons
 * @param {number} number
 * @param {readonly string[]} archives
 * @param {string} [name] of the image; without, the archive's annotations tell it
 */
export async function importInto(cluster, daemons, number, archives, name) {
  const [command = '', ...inside] = insideNode(daemons, cluster.node(number).name)
  const named = name === undefined ? [] : ['--index-name', name]
  for (const archive of archives) {
    const args = [...inside, 'ctr', '-n', 'k8s.io', 'images', 'import', ...named, resolve(archive)]
    // containerd may remove content that it had of an image before, while that is imported anew: seen with 1.6.
    await run(command, args).catch(() => run(command, args))
  }
}

/**
 * Puts an image into every node that runs.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {string} archive
 * @param {string} [name]
 * @throws if none runs
 */
export async function importIntoNodes(cluster, archive, name) {
  const daemons = new Daemons(cluster)
  const numbers = daemons
    .names()
    .flatMap((daemon) => (/^node\d$/.test(daemon) ? [Number(daemon.slice(4))] : []))
  if (numbers.length === 0) throw new Error('no node runs: npm run cluster:up')
  await Promise.all(numbers.map((number) => importInto(cluster, daemons, number, [archive], name)))
}

/**
 * Removes an image from every node that runs.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {string} name
 */
export async function removeFromNodes(cluster, name) {
  const daemons = new Daemons(cluster)
  for (const number of runningNodes(daemons)) {
    const [command = '', ...inside] = insideNode(daemons, cluster.node(number).name)
    await run(command, [...inside, 'ctr', '-n', 'k8s.io', 'images', 'rm', name])
  }
}

/** @param {Daemons} daemons */
function runningNodes(daemons) {
  const names = daemons.names().filter((name) => /^node\d$/.test(name) && daemons.pid(name) !== undefined)
  return names.map((name) => Number(name.slice(4)))
}
