import { afterEach, expect, test } from 'vitest'
import { type Cleanups, cleanUp } from '../../../../../test/support/http-server.js'
import { ApiServer, type ApiServerOptions } from '../../../../../test/support/kubernetes/api-server.js'
import type { Fault } from '../../../../../test/support/kubernetes/faults.js'
import { smallPod } from '../../../../../test/support/kubernetes/pods.js'
import {
  accessTo,
  pickPod,
  startWatching,
  truthOf,
  until,
} from '../../../../../test/support/kubernetes/watching.js'
import { PODS } from '../client/resource.js'
import { describeWatchState } from './watch-state.js'

const cleanups: Cleanups = []
afterEach(() => cleanUp(cleanups))

/** A server with so many pods. */
async function serverWith(count: number, options: ApiServerOptions = {}) {
  const server = new ApiServer(options)
  const pods = server.collection(PODS)
  for (let index = 0; index < count; index++) pods.put(smallPod(`pod-${index}`, `node-${index % 3}`))
  const access = accessTo(await server.listen(cleanups))
  return { server, pods, access }
}

/** The first request of a kind that comes meets with this; the rest do not. */
function once(verb: string, fault: Fault, nth = 1) {
  let seen = 0
  return (asked: { readonly verb: string }) => (asked.verb === verb && ++seen === nth ? fault : undefined)
}

test('lists by pages, then watches: what is put, changed and removed', async () => {
  const { server, pods, access } = await serverWith(1203)
  const { view, watcher, stop } = startWatching(access, cleanups)
  await until(() => watcher.state.kind === 'watching', 'watching')
  expect(view.shown).toEqual(truthOf(pods))
  const lists = server.asked.filter(({ verb }) => verb === 'list')
  expect(lists.map(({ params }) => params.get('limit'))).toEqual(['500', '500', '500'])
  expect(lists[0]?.params.get('resourceVersion')).toBe('0')
  // What goes on from a page says nothing of a version: the API refuses both.
  expect(lists[1]?.params.has('resourceVersion')).toBe(false)
  pods.put(smallPod('pod-7', 'elsewhere'))
  pods.put(smallPod('new'))
  pods.remove('shop/pod-8')
  pods.remove('shop/pod-9')
  pods.put(smallPod('pod-9', 'node-1', 'another-uid'))
  await until(() => view.shown.join() === truthOf(pods).join(), 'the truth')
  expect(view.replaced).toBe(1)
  await until(() => watcher.counts.bookmarks > 0, 'a bookmark')
  expect(watcher.counts).toMatchObject({ lists: 1, pages: 3, watches: 1, events: 5, failures: 0, expired: 0 })
  expect(view.states.map(({ kind }) => kind)).toEqual(['listing', 'watching'])
  await stop()
  await until(() => server.underWay === 0, 'the watch has ended at the server')
})

test('a selection: what leaves it is removed, what enters it is put', async () => {
  const { pods, access, server } = await serverWith(9)
  const selection = { resource: PODS, fieldSelector: 'spec.nodeName=node-1', labelSelector: 'app=pod' }
  const { view, watcher } = startWatching(access, cleanups, { selection })
  await until(() => watcher.state.kind === 'watching', 'watching')
  const onNode = ({ spec }: { spec?: unknown }) => (spec as { nodeName: string }).nodeName === 'node-1'
  expect(view.shown).toEqual(truthOf(pods, onNode))
  expect(view.objects.size).toBe(3)
  pods.put(smallPod('pod-1', 'node-2'))
  pods.put(smallPod('pod-2', 'node-1'))
  await until(() => view.shown.join() === truthOf(pods, onNode).join(), 'the truth')
  expect(server.asked.every(({ params }) => params.get('fieldSelector') === 'spec.nodeName=node-1')).toBe(
    true,
  )
})

test('goes on where a watch ended, without a list', async () => {
  const { server, pods, access } = await serverWith(5)
  const { view, watcher } = startWatching(access, cleanups)
  await until(() => watcher.state.kind === 'watching', 'watching')
  for (let round = 1; round <= 3; round++) {
    server.cutAll()
    pods.put(smallPod(`while-away-${round}`))
    await until(
      () => watcher.counts.watches > round && view.shown.join() === truthOf(pods).join(),
      'the truth',
    )
  }
  expect(watcher.counts.lists).toBe(1)
  expect(watcher.counts.failures).toBeGreaterThan(0)
  expect(view.states.map(({ kind }) => kind).slice(0, 4)).toEqual(['listing', 'watching', 'away', 'watching'])
})

test('what vanished while the server had forgotten it is removed after a list', async () => {
  const { server, pods, access } = await serverWith(5)
  const { view, watcher } = startWatching(access, cleanups)
  await until(() => watcher.state.kind === 'watching', 'watching')
  const known = watcher.counts.lists
  server.fault = once('watch', { kind: 'expired' })
  pods.remove('shop/pod-1')
  pods.compact()
  server.cutAll()
  await until(() => watcher.counts.lists > known && watcher.state.kind === 'watching', 'listed anew')
  expect(view.shown).toEqual(truthOf(pods))
  expect(watcher.counts.expired).toBe(1)
  const [, second] = server.asked.filter(({ verb }) => verb === 'list')
  expect(second?.params.get('resourceVersionMatch')).toBe('NotOlderThan')
})

test('pages that are gone in the middle of a list: anew from the start, then all at once', async () => {
  let pages = 0
  const { server, pods, access } = await serverWith(2100, {
    fault: ({ verb, params }) =>
      verb === 'list' && params.has('continue') && ++pages <= 2 ? { kind: 'expired' } : undefined,
  })
  const { view, watcher } = startWatching(access, cleanups)
  await until(() => watcher.state.kind === 'watching', 'watching')
  expect(view.shown).toEqual(truthOf(pods))
  expect(view.replaced).toBe(1)
  expect(watcher.counts).toMatchObject({ expired: 2, lists: 1, failures: 0 })
  expect(
    server.asked
      .filter(({ verb }) => verb === 'list')
      .at(-1)
      ?.params.has('limit'),
  ).toBe(false)
})

test.each(
  [{ kind: 'hang' } as const, 0, 100].flatMap((fault) => ['list', 'watch'].map((verb) => ({ verb, fault }))),
)('a server that goes silent ($verb, $fault) is left and asked anew', async ({ verb, fault: what }) => {
  const fault: Fault = typeof what === 'number' ? { kind: 'silent', afterBytes: what } : what
  const { pods, access } = await serverWith(20, { fault: once(verb, fault), bookmarkMs: 20 })
  const { view, watcher } = startWatching(access, cleanups, { answerMs: 200 })
  await until(() => watcher.counts.watches > 0, 'a watch')
  pods.put(smallPod('later'))
  await until(() => view.shown.join() === truthOf(pods).join(), 'the truth')
  await until(() => watcher.counts.failures > 0 && watcher.state.kind === 'watching', 'watching again')
  const away = view.states.find(({ kind }) => kind === 'away')
  expect(away).toMatchObject({ error: 'silent' })
  expect(away && describeWatchState(away)).toMatch(
    /^away since 20.*: Cannot (list|watch) pods at http.*within/,
  )
})

test('a server that ends each watch at once is not asked without end', async () => {
  const { access } = await serverWith(3, {
    fault: ({ verb }) => (verb === 'watch' ? { kind: 'ends', afterBytes: 0 } : undefined),
    bookmarkMs: 1,
  })
  const { watcher, view } = startWatching(access, cleanups, {
    timings: { backoffFirstMs: 20, backoffMostMs: 20_000, shortMs: 1000 },
    random: () => 1,
  })
  await until(() => watcher.counts.failures >= 3, 'failures')
  expect(view.states.at(-1)).toMatchObject({ kind: 'away', error: 'server_failed' })
})

test('what is asked for by Retry-After is waited for', async () => {
  const { server, access } = await serverWith(1, {
    fault: once('list', { kind: 'status', status: 429, headers: { 'retry-after': '1' } }),
  })
  const { watcher, view } = startWatching(access, cleanups)
  await until(() => view.states.some(({ kind }) => kind === 'away'), 'away')
  const asked = server.asked.length
  const since = performance.now()
  await until(() => server.asked.length > asked, 'asked anew')
  // A bound from below: a slow machine makes it longer.
  expect(performance.now() - since).toBeGreaterThan(800)
  await until(() => watcher.state.kind === 'watching', 'watching')
})

test('objects that cannot be taken are counted, cost no other, and are asked for once more', async () => {
  const { server, pods, access } = await serverWith(3)
  pods.put({ ...smallPod('large'), status: { much: 'x'.repeat(5 << 20) } })
  pods.put({ ...smallPod('strange'), metadata: { name: 'strange', uid: '', namespace: 'shop' } })
  const { view, watcher } = startWatching(access, cleanups, {
    pick: (object) => {
      const picked = pickPod(object)
      if (picked.key.name === 'pod-1') throw new Error('cannot be read')
      return picked.key.name === 'pod-2' ? undefined : picked
    },
  })
  await until(() => watcher.state.kind === 'watching', 'watching')
  expect([...view.objects.values()].map(({ key }) => key.name)).toEqual(['pod-0'])
  expect(watcher.counts).toMatchObject({ malformed: 2, tooLarge: 1 })
  // That it is gone is told by an object that is too large to be read: the next list shows it.
  pods.put({ ...smallPod('pod-0'), status: { much: 'x'.repeat(5 << 20) } })
  await until(() => watcher.counts.lists > 1 && watcher.state.kind === 'watching', 'listed anew')
  expect(view.shown).toEqual([])
  expect(server.asked.length).toBeLessThan(20)
})

test('no more of a list than the bound, and the rest is counted', async () => {
  const { access } = await serverWith(50)
  const { view, watcher } = startWatching(access, cleanups, { mostObjects: 20 })
  await until(() => watcher.state.kind === 'watching', 'watching')
  expect(view.objects.size).toBe(20)
  expect(watcher.counts.tooMany).toBe(30)
})

test('never twice at once; what the sink throws is thrown; it may run again', async () => {
  const { access } = await serverWith(1)
  const { watcher, client, ended, stop } = startWatching(access, cleanups)
  await expect(watcher.run(AbortSignal.timeout(1000))).rejects.toThrow('once at a time')
  await stop()
  await ended
  client.close()
  const again = startWatching(access, cleanups, {
    sink: {
      replace: () => {
        throw new RangeError('full')
      },
      put: () => {},
      remove: () => {},
      state: () => {},
    },
  })
  const thrown = await again.ended.catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(RangeError)
  cleanups.pop()
  again.client.close()
})
