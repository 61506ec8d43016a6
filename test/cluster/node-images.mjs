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
 * @returns {Promise<string[]>} names that the node did not have before: those of the annotations come beside the one that is said
 */
export async function importInto(cluster, daemons, number, archives, name) {
  const [command = '', ...inside] = insideNode(daemons, cluster.node(number).name)
  const named = name === undefined ? [] : ['--index-name', name]
  const images = (/** @type {readonly string[]} */ args) =>
    run(command, [...inside, 'ctr', '-n', 'k8s.io', 'images', ...args])
  const names = async () => (await images(['ls', '-q'])).trim().split('\n')
  const before = await names()
  for (const archive of archives) {
    const args = ['import', ...named, resolve(archive)]
    // containerd may remove content that it had of an image before, while that is imported anew: seen with 1.6.
    await images(args).catch(() => images(args))
  }
  return (await names()).filter((image) => !before.includes(image))
}

/**
 * Puts an image into every node that runs.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {string} archive
 * @param {string} [name]
 * @returns {Promise<() => Promise<void>>} takes out of each what it did not have before
 * @throws if none runs
 */
export async function importIntoNodes(cluster, archive, name) {
  const daemons = new Daemons(cluster)
  const numbers = runningNodes(daemons)
  if (numbers.length === 0) throw new Error('no node runs: npm run cluster:up')
  const made = await Promise.all(
    numbers.map(async (number) => ({
      number,
      names: await importInto(cluster, daemons, number, [archive], name),
    })),
  )
  return async () => {
    for (const { number, names } of made.filter(({ names }) => names.length > 0)) {
      const [command = '', ...inside] = insideNode(daemons, cluster.node(number).name)
      await run(command, [...inside, 'ctr', '-n', 'k8s.io', 'images', 'rm', ...names])
    }
  }
}

/** @param {Daemons} daemons */
function runningNodes(daemons) {
  const names = daemons.names().filter((name) => /^node\d$/.test(name) && daemons.pid(name) !== undefined)
  return names.map((name) => Number(name.slice(4)))
}
