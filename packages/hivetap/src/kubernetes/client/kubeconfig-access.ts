import type { ClusterAccess } from './cluster-access.js'
import { identityOf } from './kubeconfig-identity.js'
import { materialOf } from './kubeconfig-material.js'
import type { KubeconfigCluster } from './kubeconfig-schema.js'
import { type Entry, type Kubeconfig, wrong } from './read-kubeconfig.js'

/**
 * How a context of a kubeconfig says that its cluster is reached.
 *
 * @param name of the context; the current one without
 * @throws {KubeError} `config_wrong`
 */
export function kubeconfigAccess(config: Kubeconfig, name = config.currentContext): ClusterAccess {
  if (name === undefined)
    throw wrong(
      `The kubeconfig ${config.said} has no current context: name one by --context: ${listed(config.contexts)}.`,
    )
  const context = config.contexts.get(name)?.value
  if (context === undefined)
    throw wrong(`The kubeconfig ${config.said} has no context ${name}: it has ${listed(config.contexts)}.`)
  const cluster = config.clusters.get(context.cluster)
  if (cluster === undefined)
    throw wrong(`Context ${name} of ${config.said} names the cluster ${context.cluster}, which is not there.`)
  const user = context.user ? config.users.get(context.user) : undefined
  if (context.user && user === undefined)
    throw wrong(`Context ${name} of ${config.said} names the user ${context.user}, which is not there.`)
  const identity = user === undefined ? {} : identityOf(user, context.user ?? '')
  const access = { ...clusterOf(cluster, context.cluster), identity }
  if (access.server.startsWith('http:') && Object.keys(identity).length > 0)
    throw wrong(
      `Cluster ${context.cluster} of ${cluster.file} is reached over http:, by which a token would be sent unencrypted: give its server as https:, or a user without credentials.`,
    )
  return {
    ...access,
    namespace: context.namespace || 'default',
    origin: `context ${name} of ${config.said}`,
  }
}

function clusterOf({ value, file }: Entry<KubeconfigCluster>, name: string) {
  const where = `Cluster ${name} of ${file}`
  const server = value.server ?? ''
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '')
    throw wrong(`${where} has no server that is an address such as https://10.0.0.1:6443.`)
  if (value['proxy-url'])
    throw wrong(`${where} has a proxy-url: proxies are not supported. Reach the cluster without one.`)
  const isUnchecked = value['insecure-skip-tls-verify'] === true
  return {
    server: url.origin + url.pathname.replace(/\/+$/, ''),
    authorities: materialOf(file, value['certificate-authority'], value['certificate-authority-data'], where),
    serverName: value['tls-server-name'] || undefined,
    isUnchecked,
    isCompressionOff: value['disable-compression'] === true,
    warnings: isUnchecked
      ? [
          `${where} has insecure-skip-tls-verify: whoever stands between can read the token and change what is read. Give its certificate-authority instead.`,
        ]
      : [],
  }
}

function listed(contexts: ReadonlyMap<string, unknown>): string {
  const names = [...contexts.keys()]
  if (names.length === 0) return 'none'
  return names.length > 20
    ? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more`
    : names.join(', ')
}
