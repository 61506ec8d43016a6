// @ts-check
import { Kubectl } from './kubectl.mjs'
import {
  namespaceName,
  namespaceObject,
  RUN_LABEL,
  SCRIPTS_VOLUME,
  scriptContainer,
  scriptsObject,
} from './objects.mjs'

/**
 * Runs pods/nodes.mjs on every node, in a namespace of its own that is gone afterwards.
 *
 * @param {'look' | 'sweep'} what
 * @param {string} run
 * @param {string} image
 * @returns {Promise<Map<string, { left: string[] }>>} what it said, by node
 */
export async function onEveryNode(what, run, image) {
  const namespace = namespaceName(run, what)
  await new Kubectl().apply([namespaceObject(run, what, 'privileged')])
  const kubectl = new Kubectl(namespace)
  try {
    await kubectl.apply([scriptsObject(), daemonSet(what, run, image)])
    await kubectl.run(['rollout', 'status', `daemonset/${what}`, '--timeout=180s'])
    /** @type {{ items: { metadata: { name: string }, spec: { nodeName: string } }[] }} */
    const { items } = await kubectl.json(['get', 'pods'])
    const said = items.map(async ({ metadata, spec }) => {
      const text = await kubectl.run(['logs', metadata.name])
      return /** @type {const} */ ([spec.nodeName, JSON.parse(text)])
    })
    return new Map(await Promise.all(said))
  } finally {
    await new Kubectl().run(['delete', 'namespace', namespace, '--timeout=120s'])
  }
}

/**
 * @param {string} what
 * @param {string} run
 * @param {string} image
 */
function daemonSet(what, run, image) {
  const container = {
    ...scriptContainer(image, ['nodes.mjs', what, run]),
    readinessProbe: {
      exec: { command: ['node', '-e', "require('fs').accessSync('/tmp/done')"] },
      timeoutSeconds: 10,
    },
  }
  container.volumeMounts.push(
    { name: 'bpf', mountPath: '/host/bpf' },
    { name: 'lib', mountPath: '/host/lib' },
    { name: 'tmp', mountPath: '/tmp' },
  )
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: what, labels: { [RUN_LABEL]: run } },
    spec: {
      selector: { matchLabels: { app: what } },
      template: {
        metadata: { labels: { app: what } },
        spec: {
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 5,
          tolerations: [{ operator: 'Exists' }],
          containers: [container],
          volumes: [
            SCRIPTS_VOLUME,
            { name: 'bpf', hostPath: { path: '/sys/fs/bpf' } },
            { name: 'lib', hostPath: { path: '/var/lib' } },
            { name: 'tmp', emptyDir: {} },
          ],
        },
      },
    },
  }
}
