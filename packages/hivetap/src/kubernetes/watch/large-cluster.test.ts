import { getEventListeners } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { type Cleanups, cleanUp } from '../../../../../test/support/http-server.js'
import { ApiServer } from '../../../../../test/support/kubernetes/api-server.js'
import { smallPod } from '../../../../../test/support/kubernetes/pods.js'
import {
  accessTo,
  startWatching,
  truthOf,
  until,
  View,
} from '../../../../../test/support/kubernetes/watching.js'
import { KubeClient } from '../client/kube-client.js'
import { PODS } from '../client/resource.js'
import { Watcher } from './watcher.js'

const cleanups: Cleanups = []
afterEach(() => cleanUp(cleanups))

test('10,000 pods, of which 500 at a time come, change and go, while connections are cut', async () => {
  const server = new ApiServer({
    // Pages in small pieces, and every third watch.
    fault: ({ verb }, count) =>
      verb === 'list' || count % 3 === 0 ? { kind: 'slow', pieceBytes: 7919 } : undefined,
  })
  const pods = server.collection(PODS)
  for (let index = 0; index < 10_000; index++) pods.put(smallPod(`pod-${index}`))
  const { view, watcher } = startWatching(accessTo(await server.listen(cleanups)), cleanups, {
    timings: { backoffFirstMs: 2, backoffMostMs: 20, watchMs: 60_000 },
    answerMs: 30_000,
  })
  await until(() => watcher.state.kind === 'watching', 'watching', 30_000)
  expect(view.objects.size).toBe(10_000)
  expect(watcher.counts.pages).toBe(20)
  for (let second = 0; second < 10; second++) {
    for (let index = 0; index < 250; index++) {
      pods.remove(`shop/pod-${second * 250 + index}`)
      pods.put(smallPod(`new-${second}-${index}`))
      if (index % 5 === 0) pods.put(smallPod(`pod-${9000 + index}`, `moved-${second}`))
    }
    if (second % 3 === 1) server.cutAll()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await until(() => view.shown.join() === truthOf(pods).join(), 'the truth', 30_000)
  expect(view.faults).toEqual([])
  expect(watcher.counts).toMatchObject({ lists: 1, expired: 0, malformed: 0, tooLarge: 0, tooMany: 0 })
}, 90_000)

test('of many watches nothing is left behind: no listener of the signal, no connection', async () => {
  const server = new ApiServer({
    fault: ({ verb }) => (verb === 'watch' ? { kind: 'ends', afterBytes: 0 } : undefined),
    bookmarkMs: 1,
  })
  server.collection(PODS).put(smallPod('one'))
  const client = new KubeClient(accessTo(await server.listen(cleanups)))
  const watcher = new Watcher(client, {
    selection: { resource: PODS },
    pick: () => undefined,
    sink: new View(),
    timings: { backoffFirstMs: 0, backoffMostMs: 0 },
  })
  const abort = new AbortController()
  const ended = watcher.run(abort.signal)
  await until(() => watcher.counts.watches >= 100, 'a hundred watches', 30_000)
  expect(getEventListeners(abort.signal, 'abort').length).toBeLessThan(5)
  expect(server.connections).toBeLessThan(20)
  abort.abort()
  await ended
  client.close()
  expect(getEventListeners(abort.signal, 'abort')).toEqual([])
  await until(() => server.underWay === 0 && server.openConnections === 0, 'no connection is left')
}, 60_000)
