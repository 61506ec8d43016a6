// @ts-check
/**
 * A real Kubernetes cluster on this machine: `npm run cluster:up`, `cluster:status`, `cluster:down`.
 *
 *   up [NODES]              builds what the cache lacks, starts a control plane and 3 nodes; what runs stays as it is
 *   down                    ends it all, and leaves nothing but what was built
 *   status                  what runs; fails where something does not
 *   built                   fails where something is not built yet
 *   import ARCHIVE [NAME]   puts an image of an OCI archive into every node
 *   node NUMBER COMMAND …   runs a command in a node
 *
 * Each node has a network, mount and uts namespace of its own, a containerd and a cgroup; all share this kernel and its
 * pids. docs/cluster-tests.md says more.
 */
import { spawnSync } from 'node:child_process'
import { isBuilt } from './build.mjs'
import { environment } from './commands.mjs'
import { Daemons } from './daemons.mjs'
import { down } from './down.mjs'
import { clusterInstance, MOST_NODES } from './instance.mjs'
import { alone } from './lock.mjs'
import { insideNode } from './node.mjs'
import { importIntoNodes } from './node-images.mjs'
import { status } from './status.mjs'
import { up } from './up.mjs'

const NODES = 3
// An end by a signal releases the lock.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

const [command, ...args] = process.argv.slice(2)
try {
  const cluster = clusterInstance()
  switch (command) {
    case 'up':
      await alone(cluster, () => up(cluster, nodesAsked(args[0])))
      break
    case 'down':
      await alone(cluster, () => down(cluster))
      break
    case 'status':
      process.exitCode = (await status(cluster)) ? 0 : 1
      break
    case 'built':
      process.exitCode = (await isBuilt(cluster)) ? 0 : 1
      break
    case 'import':
      await importIntoNodes(cluster, args[0] ?? usage(), args[1])
      break
    case 'node': {
      const { name } = cluster.node(Number(args[0]))
      const [enter = '', ...inside] = [...insideNode(new Daemons(cluster), name), ...args.slice(1)]
      process.exitCode = spawnSync(enter, inside, { stdio: 'inherit', env: environment() }).status ?? 1
      break
    }
    default:
      usage()
  }
} catch (error) {
  process.stderr.write(`cluster: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}

/** @param {string | undefined} text */
function nodesAsked(text) {
  const count = Number(text ?? NODES)
  if (!Number.isInteger(count) || count < 1 || count > MOST_NODES)
    throw new Error(`a cluster has 1 to ${MOST_NODES} nodes, not "${text}"`)
  return count
}

/** @returns {never} */
function usage() {
  process.stderr.write(
    'usage: main.mjs up [NODES] | down | status | built | import ARCHIVE [NAME] | node NUMBER COMMAND …\n',
  )
  process.exit(2)
}
