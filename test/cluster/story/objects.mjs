// @ts-check
import { readFileSync } from 'node:fs'

/** What every object of a run is marked with: by it they are found and removed, also by hand. */
export const RUN_LABEL = 'hivetap.test/run'

/**
 * @param {string} run
 * @param {string} purpose
 */
export function namespaceName(run, purpose) {
  return `hivetap-test-${run}-${purpose}`
}

/**
 * @param {string} run
 * @param {string} purpose
 * @param {'privileged' | 'restricted'} enforce the least of Pod Security that its pods have to keep
 */
export function namespaceObject(run, purpose, enforce) {
  const labels = { [RUN_LABEL]: run, 'pod-security.kubernetes.io/enforce': enforce }
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceName(run, purpose), labels } }
}

/** What a container runs that waits for commands. */
export const IDLE = [
  'node',
  '-e',
  "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1 << 30)",
]

/** The programs of pods/, to be mounted into pods. */
export function scriptsObject() {
  const names = ['server.mjs', 'client.mjs', 'nodes.mjs']
  const data = Object.fromEntries(
    names.map((name) => [name, readFileSync(new URL(`pods/${name}`, import.meta.url), 'utf8')]),
  )
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'scripts' }, data }
}

/** What containers have that take no rights at all. */
export const NO_RIGHTS = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
}

/**
 * A container that runs one of pods/.
 *
 * @param {string} image
 * @param {readonly string[]} args
 */
export function scriptContainer(image, args) {
  const [script = '', ...rest] = args
  return {
    name: 'script',
    image,
    imagePullPolicy: pullPolicy(),
    command: ['node', `/story/${script}`, ...rest],
    securityContext: NO_RIGHTS,
    resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
    volumeMounts: [{ name: 'scripts', mountPath: '/story' }],
  }
}

export const SCRIPTS_VOLUME = { name: 'scripts', configMap: { name: 'scripts' } }

/** In a cluster of our own the image is put into the nodes; elsewhere they pull it as they are set up to. */
export function pullPolicy() {
  return process.env['HIVETAP_CLUSTER_OWN'] === '1' ? 'Never' : 'IfNotPresent'
}
