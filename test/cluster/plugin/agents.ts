/** What the tests of the plugin install: agents in a namespace of the run, as deploy/hivetap.yaml has them, and a client. */
import { IDLE, namespaceObject, RUN_LABEL } from '../story/objects.mjs'

const NAME = 'hivetap-plugin'
/** What the namespace of a run is for. */
export const PURPOSE = 'plugin'

/** Objects of a namespace for agents. */
export function agentObjects(
  namespace: string,
  run: string,
  image: string,
  enforce: 'privileged' | 'restricted',
): object[] {
  const labels = { 'app.kubernetes.io/name': NAME, [RUN_LABEL]: run }
  const config = {
    tools: ['tcpconnlat'],
    health: { socket: '/run/hivetap/health.sock' },
    sinks: [{ name: 'out', type: 'stdout' }],
  }
  const probe = { exec: { command: ['hivetap', 'health', '/run/hivetap/health.sock'] }, timeoutSeconds: 20 }
  return [
    namespaceObject(run, PURPOSE, enforce),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: NAME, namespace, labels },
      data: { 'hivetap.yaml': JSON.stringify(config) },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: NAME, namespace, labels },
      spec: {
        selector: { matchLabels: { 'app.kubernetes.io/name': NAME } },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 10,
            tolerations: [{ operator: 'Exists' }],
            containers: [
              {
                name: 'hivetap',
                image,
                args: ['agent', '--config', '/etc/hivetap/hivetap.yaml'],
                readinessProbe: { ...probe, periodSeconds: 2, failureThreshold: 10 },
                livenessProbe: { ...probe, periodSeconds: 60 },
                resources: { limits: { memory: '512Mi' } },
                securityContext: {
                  runAsUser: 0,
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  seccompProfile: { type: 'RuntimeDefault' },
                  capabilities: { drop: ['ALL'], add: ['BPF', 'PERFMON'] },
                },
                volumeMounts: [
                  { name: 'run', mountPath: '/run/hivetap' },
                  { name: 'config', mountPath: '/etc/hivetap', readOnly: true },
                ],
              },
            ],
            volumes: [
              { name: 'run', emptyDir: {} },
              { name: 'config', configMap: { name: NAME } },
            ],
          },
        },
      },
    },
  ]
}

/** The labels by which the plugin finds them, and no others on the cluster. */
export const AGENTS = `--agents-selector=app.kubernetes.io/name=${NAME}`

/** A pod that does nothing until something is run in it. */
export function idlePod(namespace: string, image: string): object {
  const restricted = {
    runAsNonRoot: true,
    runAsUser: 10_001,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'client', namespace },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'client', image, command: IDLE, securityContext: restricted }],
    },
  }
}

/** A user that may see pods, and run nothing in them. */
export function viewerObjects(namespace: string, user: string): object[] {
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'viewer', namespace },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'viewer', namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'viewer' },
      subjects: [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }],
    },
  ]
}

/** Listens, connects to itself so many times, and prints the local ports that it had: the pod's own word. */
export const CONNECTING = `
const { createServer, connect } = require('node:net')
const { once } = require('node:events')
const server = createServer((socket) => socket.resume()).listen(0, '0.0.0.0')
once(server, 'listening').then(async () => {
  const { port } = server.address()
  const localPorts = []
  for (let count = 0; count < Number(process.argv[1]); count++) {
    const socket = connect(port, process.argv[2])
    await once(socket, 'connect')
    localPorts.push(socket.localPort)
    socket.destroy()
  }
  console.log(JSON.stringify({ port, localPorts }))
  process.exit(0)
})`

/** The tools that run beside an agent, and are not it: by the process table of its container. */
export const BESIDE = `
const { readdirSync, readFileSync } = require('node:fs')
const lines = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).flatMap((pid) => {
  try { return [readFileSync('/proc/' + pid + '/cmdline', 'utf8').replaceAll(String.fromCharCode(0), ' ')] } catch { return [] }
})
console.log(lines.filter((line) => line.includes('--until-stdin-ends') && !line.includes(' -e ')).length)`
