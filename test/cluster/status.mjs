// @ts-check
import { kubectlCommand } from './build.mjs'
import { attempt } from './commands.mjs'
import { isReady } from './control-plane.mjs'
import { Daemons } from './daemons.mjs'
import { say } from './say.mjs'

/**
 * Says what of a cluster runs.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 * @returns {Promise<boolean>} whether all that was started does, and the API serves
 */
export async function status(cluster) {
  const daemons = new Daemons(cluster)
  const names = daemons.names()
  if (names.length === 0) {
    say('is not up: npm run cluster:up')
    return false
  }
  const ended = names.filter((name) => daemons.pid(name) === undefined)
  for (const name of ended) say(`${name} has ended: ${daemons.lastWords(name)}`)
  if (!(await isReady(cluster))) {
    say(`the API server does not answer: ${daemons.lastWords('kube-apiserver')}`)
    return false
  }
  const args = ['--kubeconfig', cluster.kubeconfig, 'get', 'nodes', '-o', 'wide']
  process.stdout.write((await attempt(kubectlCommand(cluster), args)) ?? '')
  say(`${names.length - ended.length} of ${names.length} processes run; KUBECONFIG=${cluster.kubeconfig}`)
  return ended.length === 0
}
