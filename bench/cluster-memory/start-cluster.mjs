// @ts-check
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { importTypeScript } from '../import-ts.mjs'

/**
 * Starts the API server of a large cluster, over TLS, and writes a kubeconfig that leads to it.
 *
 * @param {string} directory where the kubeconfig and the certificates are put
 */
export async function startCluster(directory) {
  const { makeAuthority } = /** @type {typeof import('../../test/support/authority.js')} */ (
    await importTypeScript('test/support/authority.ts')
  )
  const { LargeCluster, NODE } = /** @type {typeof import('./large-cluster.js')} */ (
    await importTypeScript('bench/cluster-memory/large-cluster.ts')
  )
  const authority = await makeAuthority(directory, 'bench')
  const cluster = new LargeCluster({ tls: await authority.sign('server', 'subjectAltName=IP:127.0.0.1') })
  const server = await cluster.server.listen([])
  cluster.server.tokens = new Set(['bench'])
  const kubeconfig = join(directory, 'kubeconfig')
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigOf(server, join(directory, 'ca.pem'))))
  return { cluster, kubeconfig, node: NODE }
}

/** @param {string} server @param {string} authority */
function kubeconfigOf(server, authority) {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    clusters: [{ name: 'bench', cluster: { server, 'certificate-authority': authority } }],
    users: [{ name: 'bench', user: { token: 'bench' } }],
  }
}
