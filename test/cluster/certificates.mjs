// @ts-check
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './commands.mjs'
import { MOST_NODES } from './instance.mjs'
import { say } from './say.mjs'

/** They are of no use to anybody else: the API listens on a bridge of this machine alone. */
const DAYS = '3650'

/**
 * Makes the keys and certificates of a cluster, and a kubeconfig for each who speaks with its API.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 */
export async function makeCertificates(cluster) {
  const { pki, kubeconfigs, host, apiService } = cluster
  // The last that is made.
  if (existsSync(join(pki, 'sa.pub'))) return
  say('makes keys and certificates')
  for (const folder of [pki, kubeconfigs]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  await authority(pki, 'ca', 'kubernetes-ca')
  await authority(pki, 'front-proxy-ca', 'front-proxy-ca')
  const names = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ]
  const dns = [...names, 'localhost'].map((name) => `DNS:${name}`)
  const addresses = [apiService, host, '127.0.0.1'].map((address) => `IP:${address}`)
  await certificate(pki, 'apiserver', '/CN=kube-apiserver', { names: [...dns, ...addresses] })
  await certificate(pki, 'apiserver-kubelet-client', '/O=system:masters/CN=kube-apiserver-kubelet-client')
  await certificate(pki, 'front-proxy-client', '/CN=front-proxy-client', { by: 'front-proxy-ca' })
  const users = { admin: '/O=system:masters/CN=kubernetes-admin', kcm: '/CN=system:kube-controller-manager' }
  const more = { sched: '/CN=system:kube-scheduler', proxy: '/CN=system:kube-proxy' }
  for (const [name, subject] of Object.entries({ ...users, ...more })) {
    await certificate(pki, name, subject)
    writeKubeconfig(cluster, name)
  }
  for (let number = 1; number <= MOST_NODES; number++) {
    const { name, address } = cluster.node(number)
    const asked = { names: [`DNS:${name}`, `IP:${address}`] }
    await certificate(pki, name, `/O=system:nodes/CN=system:node:${name}`, asked)
    writeKubeconfig(cluster, name)
  }
  await run('openssl', ['genrsa', '-out', join(pki, 'sa.key'), '2048'])
  await run('openssl', ['rsa', '-in', join(pki, 'sa.key'), '-pubout', '-out', join(pki, 'sa.pub')])
}

/**
 * @param {string} pki
 * @param {string} file
 * @param {string} name
 */
async function authority(pki, file, name) {
  const extensions = [
    'basicConstraints=critical,CA:TRUE',
    'keyUsage=critical,keyCertSign,cRLSign,digitalSignature',
  ]
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', DAYS, '-subj', `/CN=${name}`],
    ...['-keyout', join(pki, `${file}.key`), '-out', join(pki, `${file}.crt`)],
    ...extensions.flatMap((extension) => ['-addext', extension]),
  ])
}

/**
 * @param {string} pki
 * @param {string} file
 * @param {string} subject
 * @param {{ by?: string, names?: readonly string[] }} [options]
 */
async function certificate(pki, file, subject, { by = 'ca', names = [] } = {}) {
  const path = (/** @type {string} */ ending) => join(pki, `${file}.${ending}`)
  const extensions = [
    'basicConstraints=CA:FALSE',
    'keyUsage=critical,digitalSignature,keyEncipherment',
    'extendedKeyUsage=serverAuth,clientAuth',
    ...(names.length === 0 ? [] : [`subjectAltName=${names.join(',')}`]),
  ]
  writeFileSync(path('ext'), `${extensions.join('\n')}\n`)
  await run('openssl', [
    ...['req', '-newkey', 'rsa:2048', '-nodes', '-subj', subject],
    ...['-keyout', path('key'), '-out', path('csr')],
  ])
  await run('openssl', [
    ...['x509', '-req', '-in', path('csr'), '-CA', join(pki, `${by}.crt`), '-CAkey', join(pki, `${by}.key`)],
    ...['-CAcreateserial', '-days', DAYS, '-extfile', path('ext'), '-out', path('crt')],
  ])
  for (const ending of ['csr', 'ext']) rmSync(path(ending))
}

/**
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {string} user whose certificate is of the same name
 */
function writeKubeconfig({ pki, kubeconfigs, host, apiPort }, user) {
  const data = (/** @type {string} */ file) => readFileSync(join(pki, file)).toString('base64')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'lab',
        cluster: { server: `https://${host}:${apiPort}`, 'certificate-authority-data': data('ca.crt') },
      },
    ],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': data(`${user}.crt`), 'client-key-data': data(`${user}.key`) },
      },
    ],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user } }],
    'current-context': 'lab',
  }
  // JSON is YAML.
  writeFileSync(join(kubeconfigs, `${user}.conf`), JSON.stringify(config, undefined, 2), { mode: 0o600 })
}
