import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findAccess } from '../../packages/hivetap/src/kubernetes/client/find-access.js'
import { KubeClient } from '../../packages/hivetap/src/kubernetes/client/kube-client.js'
import { listObjects } from '../../packages/hivetap/src/kubernetes/client/list-objects.js'
import type { KubeObject } from '../../packages/hivetap/src/kubernetes/client/object-meta.js'
import {
  ENDPOINT_SLICES,
  NODES,
  PODS,
  SERVICES,
} from '../../packages/hivetap/src/kubernetes/client/resource.js'
import { watchObjects } from '../../packages/hivetap/src/kubernetes/client/watch-objects.js'
import { type Cleanups, cleanUp } from '../support/http-server.js'
import { accessTo, startWatching, until } from '../support/kubernetes/watching.js'

/** The real API server, asked with kubectl as the independent witness. */
const namespace = `hivetap-watcher-${process.pid}`
const cleanups: Cleanups = []
let directory = ''

const kubectl = (...args: string[]) => execFileSync('kubectl', args, { encoding: 'utf8', maxBuffer: 1 << 26 })

/** `namespace/name@version` of each, as kubectl has them. */
function truth(...args: string[]): string {
  const format =
    '{range .items[*]}{.metadata.namespace}/{.metadata.name}@{.metadata.resourceVersion}{"\\n"}{end}'
  return kubectl('get', ...args, '-o', `jsonpath=${format}`)
    .trim()
    .split('\n')
    .sort()
    .join()
}

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app: 'hivetap-watcher' } },
  // No node is called so: it stays pending, and nothing is run.
  spec: {
    nodeSelector: { 'kubernetes.io/hostname': 'nowhere' },
    containers: [{ name: 'none', image: 'none.invalid/none' }],
  },
})

function apply(items: readonly unknown[]): void {
  const file = join(directory, 'apply.json')
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  kubectl('apply', '-f', file)
}

const gone = (names: readonly string[]) =>
  kubectl('delete', 'pod', '-n', namespace, '--grace-period=0', '--force', '--wait=false', ...names)

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-watcher-'))
  kubectl('create', 'namespace', namespace)
})
afterAll(() => {
  try {
    kubectl('delete', 'namespace', namespace, '--wait=false')
  } finally {
    rmSync(directory, { recursive: true })
  }
})

const names = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `p${from + index}`)

test('the view of pods in a namespace is kubectl’s, as they come, change and go', async () => {
  try {
    apply(names(0, 40).map(pod))
    const selection = { resource: PODS, namespace, labelSelector: 'app=hivetap-watcher' }
    const { view, watcher } = startWatching(await findAccess(), cleanups, { selection, timings: {} })
    await until(() => watcher.state.kind === 'watching', `watching: ${JSON.stringify(view.states)}`, 30_000)
    const same = () => view.shown.join() === truth('pods', '-n', namespace)
    await until(same, 'the truth at first', 60_000)
    apply(names(30, 60).map(pod))
    gone(names(0, 20))
    kubectl('label', 'pod', 'p25', '-n', namespace, 'app=other', '--overwrite')
    const selected = () => view.shown.join() === truth('pods', '-n', namespace, '-l', 'app=hivetap-watcher')
    await until(selected, 'the truth after changes', 60_000)
    expect(view.objects.size).toBe(39)
    expect(view.faults).toEqual([])
    expect(watcher.counts).toMatchObject({ lists: 1, malformed: 0, tooLarge: 0, failures: 0 })
  } finally {
    await cleanUp(cleanups)
  }
}, 240_000)

test('what we follow is read whole, in pages of any size: nodes, services, slices, all pods', async () => {
  const client = new KubeClient(await findAccess())
  const signal = AbortSignal.timeout(120_000)
  try {
    for (const resource of [NODES, SERVICES, ENDPOINT_SLICES, PODS])
      for (const pageSize of [2, 500, undefined]) {
        const seen: string[] = []
        const reader = {
          page: () => {},
          object: ({ key }: KubeObject) => seen.push(`${key.namespace}/${key.name}`),
          malformed: () => seen.push('malformed'),
          tooLarge: () => seen.push('too large'),
        }
        await listObjects(client, { resource }, { from: 'newest', pageSize, signal }, reader)
        const theirs = truth(`${resource.plural}${resource.group && `.${resource.group}`}`, '-A').replaceAll(
          /@\d+/g,
          '',
        )
        expect(seen.sort().join()).toBe(theirs)
      }
    // A place that the server has forgotten, and one that it never had.
    const forgotten = { resourceVersion: '1', timeoutSeconds: 10, idleMs: 10_000, signal }
    const nothing = { begin: () => {}, put: () => {}, remove: () => {}, bookmark: () => {} }
    await expect(
      watchObjects(client, { resource: PODS }, forgotten, {
        ...nothing,
        malformed: () => {},
        tooLarge: () => {},
      }),
    ).rejects.toMatchObject({ kind: 'expired' })
    const ahead = { from: { notOlderThan: '999999999999' }, signal } as const
    const silent = { page: () => {}, object: () => {}, malformed: () => {}, tooLarge: () => {} }
    await expect(listObjects(client, { resource: PODS }, ahead, silent)).rejects.toMatchObject({
      kind: 'expired',
    })
  } finally {
    client.close()
  }
}, 240_000)

test('a node’s pods: those that the field selector means', async () => {
  const access = await findAccess()
  const nodes = kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}').split(' ')
  const selection = { resource: PODS, fieldSelector: `spec.nodeName=${nodes[0]}` }
  try {
    const { view, watcher } = startWatching(access, cleanups, { selection, timings: {} })
    await until(() => watcher.state.kind === 'watching', 'watching', 30_000)
    await until(
      () => view.shown.join() === truth('pods', '-A', '--field-selector', selection.fieldSelector),
      'the truth',
      60_000,
    )
  } finally {
    await cleanUp(cleanups)
  }
}, 120_000)

test('a service account’s token: taken, and without rights the missing rule is named; 401 without', async () => {
  const access = await findAccess()
  kubectl('create', 'serviceaccount', '-n', namespace, 'reader')
  const token = kubectl('create', 'token', '-n', namespace, 'reader').trim()
  const tokenFile = join(directory, 'token')
  writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 })
  const { server, authorities, serverName, isUnchecked } = access
  const common = { isUnchecked, ...(authorities && { authorities }), ...(serverName && { serverName }) }
  try {
    const { view } = startWatching(accessTo(server, { ...common, identity: { tokenFile } }), cleanups, {
      selection: { resource: PODS, namespace },
      timings: { backoffFirstMs: 100, backoffMostMs: 200 },
      answerMs: 10_000,
    })
    const away = () => view.states.find((state) => state.kind === 'away')
    await until(() => away() !== undefined, 'away', 30_000)
    expect(away()).toMatchObject({ error: 'forbidden' })
    expect(JSON.stringify(away())).toContain('resources: [\\"pods\\"], verbs: [\\"list\\"]')
    // The right is given meanwhile: it goes on by itself.
    kubectl('create', 'role', '-n', namespace, 'reader', '--verb=list,watch', '--resource=pods')
    kubectl(
      'create',
      'rolebinding',
      '-n',
      namespace,
      'reader',
      '--role=reader',
      `--serviceaccount=${namespace}:reader`,
    )
    await until(() => view.states.at(-1)?.kind === 'watching', 'watching', 30_000)
    const unknown = new KubeClient(accessTo(server, { ...common, identity: { token: 'unknown' } }))
    await expect(unknown.get('/api/v1/pods', AbortSignal.timeout(10_000))).rejects.toMatchObject({
      status: 401,
    })
    unknown.close()
  } finally {
    await cleanUp(cleanups)
  }
}, 120_000)

test('over kubectl proxy, which is cut: goes on where it was', async () => {
  const proxy = spawn('kubectl', ['proxy', '--port=0'], { stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    const [said] = (await once(proxy.stdout, 'data')) as [Buffer]
    const server = `http://${/127\.0\.0\.1:\d+/.exec(said.toString())?.[0]}`
    const selection = { resource: PODS, namespace }
    const { view, watcher } = startWatching(accessTo(server), cleanups, { selection, timings: {} })
    await until(() => watcher.state.kind === 'watching', 'watching', 30_000)
    proxy.kill()
    await until(() => watcher.state.kind === 'away', 'away', 30_000)
    expect(view.states.at(-1)).toMatchObject({ kind: 'away' })
    const again = spawn('kubectl', ['proxy', `--port=${new URL(server).port}`], { stdio: 'ignore' })
    try {
      apply([pod('later')])
      await until(
        () => view.shown.some((text) => text.startsWith(`${namespace}/later@`)),
        'the later pod',
        60_000,
      )
      expect(watcher.counts.lists).toBe(1)
    } finally {
      again.kill()
    }
  } finally {
    proxy.kill()
    await cleanUp(cleanups)
  }
}, 120_000)
