// @ts-check
import { join } from 'node:path'
import { IMAGES } from './base-images.mjs'
import { CNI } from './commands.mjs'

/** Where a node's own folders are put, in its mount namespace, in this order: as on a machine that is one node. */
export const PLACES = {
  // With whatever pods keep there on a node.
  varlib: '/var/lib',
  kubelet: '/var/lib/kubelet',
  'containerd-root': '/var/lib/containerd',
  'run-containerd': '/run/containerd',
  varlog: '/var/log',
  cni: '/etc/cni/net.d',
  'run-cni-ipam': '/run/cni-ipam',
}
export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock'

/** What containerd is told. The machine may lack CAP_SYS_RESOURCE, without which no score of the OOM killer is lowered. */
export function containerdConfig() {
  return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "${CONTAINERD_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${IMAGES.pause}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${CNI}"
    conf_dir = "/etc/cni/net.d"
`
}

/** @param {string} podNetwork of the node */
export function cniConfig(podNetwork) {
  const ipam = {
    type: 'host-local',
    dataDir: '/run/cni-ipam',
    ranges: [[{ subnet: podNetwork }]],
    routes: [{ dst: '0.0.0.0/0' }],
  }
  const bridge = { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: false, hairpinMode: true, ipam }
  const portmap = { type: 'portmap', capabilities: { portMappings: true } }
  return JSON.stringify({ cniVersion: '1.0.0', name: 'lab', plugins: [bridge, portmap] })
}

/**
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {number} number
 */
export function kubeletConfig({ pki, dns, node }, number) {
  const { name, cgroupRoot } = node(number)
  // JSON is YAML.
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '0.0.0.0',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(pki, 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(pki, `${name}.crt`),
    tlsPrivateKeyFile: join(pki, `${name}.key`),
    cgroupDriver: 'cgroupfs',
    cgroupRoot,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    clusterDomain: 'cluster.local',
    clusterDNS: [dns],
    resolvConf: '',
    failSwapOn: false,
    oomScoreAdj: 0,
    enforceNodeAllocatable: ['pods'],
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
      'nodefs.inodesFree': '1%',
    },
    imageGCHighThresholdPercent: 100,
    seccompDefault: true,
    // It may lack rights of a machine's root, and goes on without them.
    featureGates: { KubeletInUserNamespace: true },
    logging: { verbosity: 2 },
  })
}

/**
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {number} number
 */
export function proxyConfig({ kubeconfigs, podNetwork, node }, number) {
  return JSON.stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: join(kubeconfigs, 'proxy.conf') },
    clusterCIDR: podNetwork,
    mode: 'iptables',
    hostnameOverride: node(number).name,
    oomScoreAdj: 0,
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  })
}
