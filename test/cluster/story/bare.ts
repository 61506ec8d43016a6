import type { Installation, InstallOptions } from './installation.js'
import { RUN_LABEL } from './objects.mjs'

const NAME = 'hivetap'
const COMMAND = ['node', '/app/bin/hivetap.js']

/** The least that runs: a DaemonSet with two capabilities, and where it is to deliver, a spool and pins on the node. */
export const bare: Installation = {
  name: 'the test’s own DaemonSet',
  daemonSet: NAME,
  container: NAME,
  command: COMMAND,
  isAttached: (log) => log.includes('attached by'),
  objects: (options) => [
    ...(options.output.kind === 'kafka' ? [configuration(options)] : []),
    daemonSet(options),
  ],
}

function configuration({ output, run }: InstallOptions) {
  if (output.kind !== 'kafka') throw new TypeError('the table takes no file')
  const file = {
    tools: [{ name: 'tcpconnlat', options: { failed: true } }],
    pin: { enabled: true, directory: `/sys/fs/bpf/hivetap-${run}` },
    spool: { dir: '/var/lib/hivetap' },
    sinks: [{ type: 'kafka', brokers: output.brokers, topic: output.topic }],
    account_interval: '10s',
    health: { socket: '/run/hivetap/health.sock' },
  }
  const metadata = { name: NAME, labels: { [RUN_LABEL]: run } }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'hivetap.yaml': JSON.stringify(file) } }
}

function daemonSet(options: InstallOptions) {
  const { run, output, revision } = options
  const delivers = output.kind === 'kafka'
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: NAME, labels: { [RUN_LABEL]: run } },
    spec: {
      selector: { matchLabels: { app: NAME } },
      template: {
        metadata: { labels: { app: NAME }, annotations: { 'hivetap.test/revision': String(revision) } },
        spec: {
          automountServiceAccountToken: false,
          tolerations: [{ operator: 'Exists' }],
          containers: [container(options)],
          volumes: delivers
            ? [
                { name: 'configuration', configMap: { name: NAME } },
                { name: 'bpf', hostPath: { path: '/sys/fs/bpf', type: 'Directory' } },
                { name: 'spool', hostPath: { path: `/var/lib/hivetap-${run}`, type: 'DirectoryOrCreate' } },
                { name: 'run', emptyDir: {} },
              ]
            : [],
        },
      },
    },
  }
}

function container({ image, pullPolicy, output }: InstallOptions) {
  const delivers = output.kind === 'kafka'
  const table = ['tcpconnlat', '--failed', '--wide', '--lport', '--verbose']
  const health = [...COMMAND, 'health', '/run/hivetap/health.sock']
  return {
    name: NAME,
    image,
    imagePullPolicy: pullPolicy,
    command: [...COMMAND, ...(delivers ? ['agent', '--config', '/etc/hivetap/hivetap.yaml'] : table)],
    env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
    securityContext: {
      runAsUser: 0,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      seccompProfile: { type: 'RuntimeDefault' },
      capabilities: { drop: ['ALL'], add: ['BPF', 'PERFMON'] },
    },
    resources: { requests: { cpu: '20m', memory: '96Mi' }, limits: { memory: '256Mi' } },
    ...(delivers
      ? {
          readinessProbe: { exec: { command: health }, periodSeconds: 5, timeoutSeconds: 20 },
          volumeMounts: [
            { name: 'configuration', mountPath: '/etc/hivetap' },
            { name: 'bpf', mountPath: '/sys/fs/bpf' },
            { name: 'spool', mountPath: '/var/lib/hivetap' },
            { name: 'run', mountPath: '/run/hivetap' },
          ],
        }
      : {}),
  }
}
