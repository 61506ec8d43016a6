import { CgroupResolver } from '../identity/cgroups/cgroup-resolver.js'
import { KeptNames } from '../identity/cgroups/kept-names.js'
import { KeptPrograms } from '../identity/process/kept-programs.js'
import { ProcessIdentities } from '../identity/process/process-identities.js'
import { isInCluster } from './client/in-cluster.js'
import { KubeError } from './client/kube-error.js'
import type { ClusterWatch } from './cluster-watch.js'
import { FollowedNames } from './followed-names.js'
import { PodSelector } from './model/select/pod-selector.js'
import type { Names } from './names.js'
import type { NamesConfig } from './names-config.js'
import type { NamesIo } from './names-io.js'
import { PodFilter } from './pod-filter.js'
import { watchPodCgroups } from './watch-pod-cgroups.js'

/** How long pods are waited for that nothing is to be left out by: events flow without their names meanwhile. */
const PATIENCE_MS = 2_000
/** The same where only some pods are wanted: without them nothing is told. */
const FILTER_PATIENCE_MS = 30_000

/**
 * Begins to learn whose events are.
 *
 * @throws {SelectorError} if what is asked for cannot be read
 * @throws {KubeError} if pods are to be named and no cluster is known, or, where only some are wanted, it does not answer
 */
export async function openNames(config: NamesConfig, io: NamesIo): Promise<Names> {
  const { only } = config
  const filter = only === undefined ? undefined : new PodFilter(new PodSelector(only))
  const cluster = await openClusterIfMeant(config, io)
  const sessions = new KeptNames()
  const programs = new KeptPrograms()
  const resolver = new CgroupResolver({ source: sessions })
  // For events of processes that are gone, where the kernel's programs keep no names: else the first of each cgroup has none.
  void resolver.walk()
  const closing: (() => void)[] = [() => resolver.close(), () => cluster?.close()]
  const close = () => {
    for (const end of closing) end()
  }
  try {
    if (filter !== undefined && cluster !== undefined) {
      await knowPods(cluster, config.node, io)
      closing.push(
        cluster.names.onPod(({ kind, pod }) => filter[kind === 'put' ? 'podPut' : 'podRemoved'](pod)),
      )
      for (const pod of cluster.names.pods()) filter.podPut(pod)
      closing.push(watchPodCgroups(filter, io.note))
    } else await cluster?.knowsPods(PATIENCE_MS, io.signal)
    return new FollowedNames({
      resolver,
      processes: new ProcessIdentities({ programs }),
      cluster,
      sessions,
      programs,
      filter,
      close,
    })
  } catch (error) {
    close()
    throw error
  }
}

function isClusterMeant(
  { kubernetes, kubeconfig, only }: NamesConfig,
  { env = process.env }: NamesIo,
): boolean {
  // Pods that are asked for must be known.
  const isNeeded = only !== undefined || kubeconfig !== undefined || isInCluster(env)
  return kubernetes === 'on' || (kubernetes === 'auto' && isNeeded)
}

async function openClusterIfMeant(config: NamesConfig, io: NamesIo): Promise<ClusterWatch | undefined> {
  if (!isClusterMeant(config, io)) return undefined
  const { openCluster } = await import('./open-cluster.js')
  return openCluster(config, io)
}

/** Where only some pods are wanted, they are waited for. */
async function knowPods(cluster: ClusterWatch, node: string, { signal, note }: NamesIo): Promise<void> {
  if (await cluster.knowsPods(PATIENCE_MS, signal)) return
  note(`waiting for the pods of node ${node}`)
  if ((await cluster.knowsPods(FILTER_PATIENCE_MS, signal)) || signal.aborted) return
  const why = [...cluster.away().values()][0] ?? `no list came within ${FILTER_PATIENCE_MS / 1000} s`
  throw new KubeError('silent', `The pods of node ${node} are not known: ${why}`)
}
