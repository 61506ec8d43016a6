// @ts-check
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { kubectlCommand } from './build.mjs'
import { attempt } from './commands.mjs'
import { until } from './say.mjs'

/**
 * Starts what of etcd, the API server, the controllers and the scheduler does not run, and waits until the API serves.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {import('./daemons.mjs').Daemons} daemons
 */
export async function startControlPlane(cluster, daemons) {
  mkdirSync(join(cluster.state, 'etcd'), { recursive: true, mode: 0o700 })
  await daemons.start('etcd', etcd(cluster))
  await daemons.start('kube-apiserver', apiServer(cluster))
  await until('the API server', () => isReady(cluster), {
    seconds: 120,
    hint: () => `${daemons.lastWords('kube-apiserver')}\n${daemons.lastWords('etcd')}`,
  })
  await daemons.start('kube-controller-manager', controllers(cluster))
  await daemons.start('kube-scheduler', scheduler(cluster))
}

/** @param {import('./instance.mjs').Cluster} cluster */
export async function isReady(cluster) {
  const args = ['--kubeconfig', cluster.kubeconfig, '--request-timeout=5s', 'get', '--raw', '/readyz']
  return (await attempt(kubectlCommand(cluster), args)) !== undefined
}

/** @param {import('./instance.mjs').Cluster} cluster */
function etcd({ bin, state, etcdPort }) {
  const client = `http://127.0.0.1:${etcdPort}`
  const peer = `http://127.0.0.1:${etcdPort + 1}`
  return [
    join(bin, 'etcd'),
    ...flags({
      'data-dir': join(state, 'etcd'),
      'listen-client-urls': client,
      'advertise-client-urls': client,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': `default=${peer}`,
      // A test's cluster: what it holds need not outlive the machine.
      'unsafe-no-fsync': 'true',
    }),
  ]
}

/** @param {import('./instance.mjs').Cluster} cluster */
function apiServer({ bin, pki, host, apiPort, etcdPort, serviceNetwork }) {
  const file = (/** @type {string} */ name) => join(pki, name)
  return [
    join(bin, 'kube-apiserver'),
    ...flags({
      'etcd-servers': `http://127.0.0.1:${etcdPort}`,
      'bind-address': host,
      'advertise-address': host,
      'secure-port': String(apiPort),
      'service-cluster-ip-range': serviceNetwork,
      'authorization-mode': 'Node,RBAC',
      'enable-admission-plugins': 'NodeRestriction,PodSecurity',
      'client-ca-file': file('ca.crt'),
      'tls-cert-file': file('apiserver.crt'),
      'tls-private-key-file': file('apiserver.key'),
      'kubelet-client-certificate': file('apiserver-kubelet-client.crt'),
      'kubelet-client-key': file('apiserver-kubelet-client.key'),
      'kubelet-certificate-authority': file('ca.crt'),
      'kubelet-preferred-address-types': 'InternalIP',
      'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
      'service-account-key-file': file('sa.pub'),
      'service-account-signing-key-file': file('sa.key'),
      'requestheader-client-ca-file': file('front-proxy-ca.crt'),
      'requestheader-allowed-names': 'front-proxy-client',
      'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
      'requestheader-group-headers': 'X-Remote-Group',
      'requestheader-username-headers': 'X-Remote-User',
      'proxy-client-cert-file': file('front-proxy-client.crt'),
      'proxy-client-key-file': file('front-proxy-client.key'),
      'allow-privileged': 'true',
      'shutdown-delay-duration': '0s',
      v: '1',
    }),
  ]
}

/** @param {import('./instance.mjs').Cluster} cluster */
function controllers({ bin, pki, kubeconfigs, controllerPort, podNetwork, serviceNetwork }) {
  const kubeconfig = join(kubeconfigs, 'kcm.conf')
  return [
    join(bin, 'kube-controller-manager'),
    ...flags({
      kubeconfig,
      'authentication-kubeconfig': kubeconfig,
      'authorization-kubeconfig': kubeconfig,
      'bind-address': '127.0.0.1',
      'secure-port': String(controllerPort),
      'root-ca-file': join(pki, 'ca.crt'),
      'service-account-private-key-file': join(pki, 'sa.key'),
      'use-service-account-credentials': 'true',
      'allocate-node-cidrs': 'false',
      'cluster-cidr': podNetwork,
      'service-cluster-ip-range': serviceNetwork,
      'leader-elect': 'false',
      'cluster-signing-cert-file': join(pki, 'ca.crt'),
      'cluster-signing-key-file': join(pki, 'ca.key'),
    }),
  ]
}

/** @param {import('./instance.mjs').Cluster} cluster */
function scheduler({ bin, kubeconfigs, schedulerPort }) {
  const kubeconfig = join(kubeconfigs, 'sched.conf')
  return [
    join(bin, 'kube-scheduler'),
    ...flags({
      kubeconfig,
      'authentication-kubeconfig': kubeconfig,
      'authorization-kubeconfig': kubeconfig,
      'bind-address': '127.0.0.1',
      'secure-port': String(schedulerPort),
      'leader-elect': 'false',
    }),
  ]
}

/** @param {Readonly<Record<string, string>>} values */
function flags(values) {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`)
}
