import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { type Cleanups, cleanUp, httpServer, rawServer } from '../../../../../test/support/http-server.js'
import { accessTo } from '../../../../../test/support/kubernetes/watching.js'
import { KubeClient } from './kube-client.js'
import { KubeError } from './kube-error.js'
import { listObjects } from './list-objects.js'
import { PODS } from './resource.js'
import { watchObjects } from './watch-objects.js'

const cleanups: Cleanups = []
afterEach(() => cleanUp(cleanups))

const { signal } = new AbortController()
const json = { 'content-type': 'application/json' }
const origin = (url: string) => new URL(url).origin

/** Lists pods of a server that says whatever it wants to. */
async function list(server: string) {
  const client = new KubeClient(accessTo(origin(server), { identity: { token: 'secret-token' } }), {
    answerMs: 1000,
  })
  cleanups.push(() => client.close())
  const seen = { objects: 0, pages: 0, malformed: 0, tooLarge: 0 }
  const reader = {
    page: () => seen.pages++,
    object: () => seen.objects++,
    malformed: () => seen.malformed++,
    tooLarge: () => seen.tooLarge++,
  }
  const error = await listObjects(
    client,
    { resource: PODS },
    { from: 'newest', signal, idleMs: 500 },
    reader,
  ).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error !== undefined) {
    expect(error).toBeInstanceOf(KubeError)
    expect(String(error)).toContain(`Cannot list pods at ${origin(server)}: `)
    expect(JSON.stringify(error) + String(error)).not.toContain('secret-token')
  }
  return { ...seen, error: error as KubeError | undefined }
}

/** Answers 200 with this. */
const saying = (body: string | Buffer, headers: Record<string, string> = {}) =>
  httpServer((_, response) => response.writeHead(200, { ...json, ...headers }).end(body), cleanups)

const podList = (metadata: unknown, items: unknown = []) =>
  JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata, items })

test('what is no list of pods is none, and is said to be none', async () => {
  for (const body of [
    '',
    'null',
    '[]',
    '{',
    podList({ resourceVersion: '1' }).slice(0, -1),
    `${podList({ resourceVersion: '1' })}}`,
    podList({ resourceVersion: '1' }).replace('PodList', 'NodeList'),
    podList({ resourceVersion: '1' }).replace('PodList', 'Status'),
    podList({}),
    podList(null),
    ...['', '0', '-5', '1e3', ' 7', '9'.repeat(40), 7, null].map((resourceVersion) =>
      podList({ resourceVersion }),
    ),
    podList({ resourceVersion: '1', continue: 7 }),
    '['.repeat(1 << 20),
    `{"items":[${'['.repeat(1 << 20)}`,
    Buffer.from([0xff, 0xfe, 0x7b, 0x7d]),
  ]) {
    const { error } = await list((await saying(body)).url)
    expect(error?.kind).toBe('answer_wrong')
    await cleanUp(cleanups)
  }
})

test('in a list, what is no pod is counted; the rest is taken', async () => {
  const pod = (more: unknown) => ({
    metadata: { name: 'a', namespace: 'b', uid: 'c', resourceVersion: '4', ...(more as object) },
  })
  const body = podList({ resourceVersion: '5' }, [
    pod({}),
    { ...pod({}), kind: 'Pod' },
    { ...pod({}), kind: 'Secret' },
    ...[{ name: '' }, { name: 7 }, { uid: null }, { name: 'x'.repeat(300) }, { resourceVersion: '-1' }].map(
      pod,
    ),
    {},
    { metadata: null },
    { metadata: [] },
    7,
    'text',
    [pod({})],
  ])
  const { error, objects, malformed } = await list((await saying(body)).url)
  expect(error).toBeUndefined()
  expect([objects, malformed]).toEqual([2, 12])
  expect((await list((await saying(podList({ resourceVersion: '5' }, null))).url)).error).toBeUndefined()
})

test('pages that do not end are ended', async () => {
  const { error, pages } = await list(
    (await saying(podList({ resourceVersion: '5', continue: 'again' }))).url,
  )
  expect(error?.message).toContain('its pages do not end')
  expect(pages).toBe(2)
})

test('2 GB that are announced are not waited for', async () => {
  const url = await rawServer((socket: Socket) => {
    socket.write(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${2 ** 31}\r\n\r\n{"items":[`,
    )
  }, cleanups)
  expect((await list(url)).error?.kind).toBe('too_large')
})

test('a packed answer that grows without end is taken in pieces, and no object of it is', async () => {
  const bomb = gzipSync(
    `${podList({ resourceVersion: '5' }, ['']).slice(0, -4)}{"a":"${' '.repeat(16 << 20)}"}]}`,
  )
  expect(bomb.length).toBeLessThan(1 << 17)
  const { error, tooLarge, objects } = await list((await saying(bomb, { 'content-encoding': 'gzip' })).url)
  expect(error).toBeUndefined()
  expect([objects, tooLarge]).toEqual([0, 1])
  const torn = await list((await saying(bomb.subarray(0, 9000), { 'content-encoding': 'gzip' })).url)
  expect(torn.error?.kind).toBe('answer_wrong')
  expect((await list((await saying('{}', { 'content-encoding': 'br' })).url)).error?.kind).toBe(
    'answer_wrong',
  )
})

test('a redirect is not followed: nobody else is shown the token', async () => {
  const other = await saying(podList({ resourceVersion: '5' }))
  for (const status of [301, 302, 307, 308]) {
    const server = await httpServer(
      (_, response) => response.writeHead(status, { location: other.url }).end(),
      cleanups,
    )
    const { error } = await list(server.url)
    expect(error).toMatchObject({ kind: 'redirected', status })
    expect(error?.message).toContain('not followed')
  }
  expect(other.received).toEqual([])
})

test('what is not HTTP, or not JSON, or ends at once', async () => {
  const kinds: Record<string, string> = {
    'SSH-2.0-OpenSSH_9\r\n': 'answer_wrong',
    '': 'server_failed',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n': 'answer_wrong',
    [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1 << 17)}\r\n\r\n`]: 'answer_wrong',
    'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>': 'answer_wrong',
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60\r\n\r\n{': 'server_failed',
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n':
      'server_failed',
  }
  for (const [answer, kind] of Object.entries(kinds)) {
    const { error } = await list(await rawServer((socket) => socket.end(answer), cleanups))
    expect(error?.kind, answer.slice(0, 40)).toBe(kind)
  }
  const nobody = await rawServer(() => {}, cleanups)
  await cleanUp(cleanups)
  expect((await list(nobody)).error?.kind).toBe('unreachable')
})

test('a refusal says who was asked for what, why not, and what to do; in printable words', async () => {
  const message = 'pods is forbidden: User "system:serviceaccount:a:b" cannot list \u001b[31m…'
  const refusing = (status: number, body: unknown, headers = {}) =>
    httpServer(
      (_, response) => response.writeHead(status, { ...json, ...headers }).end(JSON.stringify(body)),
      cleanups,
    )
  const refused = await list((await refusing(403, { kind: 'Status', message, code: 403 })).url)
  expect(refused.error?.kind).toBe('forbidden')
  expect(refused.error?.message).toContain('{apiGroups: [""], resources: ["pods"], verbs: ["list"]}')
  expect(refused.error?.message).toContain('cannot list ?[31m')
  const busy = await list((await refusing(429, { details: { retryAfterSeconds: 9 } })).url)
  expect(busy.error).toMatchObject({ kind: 'rate_limited', retryAfterMs: 9000 })
  const long = await list((await refusing(503, 'x'.repeat(1 << 21), { 'retry-after': '999999' })).url)
  expect(long.error).toMatchObject({ kind: 'server_failed', status: 503, retryAfterMs: 300_000 })
  expect(long.error?.message.length).toBeLessThan(600)
  const future = { kind: 'Status', details: { causes: [null, { reason: 'ResourceVersionTooLarge' }] } }
  expect((await list((await refusing(504, future)).url)).error?.kind).toBe('expired')
})

test('a line without an end is passed over, however long it is; one that is cut off is a failure', async () => {
  const server = await httpServer((_, response) => {
    response.writeHead(200, json)
    response.write(`{"type":"ADDED","object":{"x":"${'y'.repeat(6 << 20)}`)
    response.write(
      '"}}\n{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"7"}}}\n\n{"ty',
    )
    response.end()
  }, cleanups)
  const client = new KubeClient(accessTo(origin(server.url)))
  cleanups.push(() => client.close())
  const told: string[] = []
  const tell = (what: string) => () => void told.push(what)
  const error: unknown = await watchObjects(
    client,
    { resource: PODS },
    { resourceVersion: '5', timeoutSeconds: 5, idleMs: 3000, signal },
    {
      begin: tell('begin'),
      put: tell('put'),
      remove: tell('remove'),
      bookmark: (version) => void told.push(version),
      malformed: tell('malformed'),
      tooLarge: tell('too large'),
    },
  ).catch((thrown: unknown) => thrown)
  expect(told).toEqual(['begin', 'too large', '7'])
  expect(error).toMatchObject({ kind: 'server_failed' })
  expect(String(error)).toContain('in the middle of a line')
})

test('an abort ends what is under way, and is what is thrown', async () => {
  const server = await httpServer(
    (_, response) => void response.writeHead(200, json).write('{"items":['),
    cleanups,
  )
  for (const when of [0, 30]) {
    const client = new KubeClient(accessTo(origin(server.url)))
    const abort = new AbortController()
    const reason = new RangeError('enough')
    if (when === 0) abort.abort(reason)
    else setTimeout(() => abort.abort(reason), when)
    await expect(client.get('/version', abort.signal)).rejects.toBe(reason)
    client.close()
  }
})
