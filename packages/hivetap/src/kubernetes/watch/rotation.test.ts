import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Authority, type KeyPair, makeAuthority } from '../../../../../test/support/authority.js'
import { type Cleanups, cleanUp } from '../../../../../test/support/http-server.js'
import { ApiServer } from '../../../../../test/support/kubernetes/api-server.js'
import { smallPod } from '../../../../../test/support/kubernetes/pods.js'
import { accessTo, startWatching, truthOf, until } from '../../../../../test/support/kubernetes/watching.js'
import type { ClusterAccess } from '../client/cluster-access.js'
import { KubeClient } from '../client/kube-client.js'
import { PODS } from '../client/resource.js'

const cleanups: Cleanups = []
let directory = ''
let first: Authority
let second: Authority
let server1: KeyPair
let server2: KeyPair
let agent: KeyPair

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-rotation-'))
  first = await authority('first')
  second = await authority('second')
  server1 = await first.sign('server', 'subjectAltName=IP:127.0.0.1,DNS:kubernetes.default.svc')
  server2 = await second.sign('server', 'subjectAltName=IP:127.0.0.1')
  agent = await first.sign('agent', 'extendedKeyUsage=clientAuth')
}, 60_000)
afterEach(() => cleanUp(cleanups))
afterAll(() => rmSync(directory, { recursive: true }))

const authority = (name: string) => {
  const folder = join(directory, name)
  mkdirSync(folder)
  return makeAuthority(folder, name)
}
const file = (name: string, text: string) => {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

/** A server over TLS, and the files by which it is reached. */
async function started(more: Partial<ClusterAccess> = {}, tls: { ca?: string } = {}) {
  const server = new ApiServer({ tls: { ...server1, ...tls } })
  server.collection(PODS).put(smallPod('one'))
  server.tokens = new Set(['token-1'])
  const caFile = file('ca.crt', first.ca)
  const tokenFile = file('token', 'token-1\n')
  const access = accessTo(await server.listen(cleanups), {
    authorities: { kind: 'file', path: caFile },
    identity: { tokenFile },
    ...more,
  })
  return { server, access }
}

test('a token that is replaced is shown once it is refused; until then the last one is', async () => {
  const { server, access } = await started()
  const { watcher, view } = startWatching(access, cleanups)
  await until(() => watcher.state.kind === 'watching', 'watching')
  file('token', 'token-2')
  server.tokens = new Set(['token-2'])
  server.cutAll()
  await until(() => watcher.counts.watches > 1, 'a watch with the new token')
  expect(view.states.some((state) => state.kind === 'away' && state.error === 'unauthorized')).toBe(false)
  // Empty, as while it is written: the last one is good still.
  file('token', '')
  const known = watcher.counts.watches
  server.cutAll()
  await until(() => watcher.counts.watches > known, 'a watch with the last token')
  // None that is taken: it says so, and asks each time twice at most.
  server.tokens = new Set()
  server.cutAll()
  await until(() => watcher.state.kind === 'away' && watcher.state.error === 'unauthorized', 'unauthorized')
  expect(JSON.stringify(view.states)).not.toContain('token-')
  file('token', 'token-3')
  server.tokens = new Set(['token-3'])
  await until(() => watcher.state.kind === 'watching', 'watching again')
})

test('authorities that are replaced hold from the next connection on', async () => {
  const { server, access } = await started()
  const { watcher, view, notes } = startWatching(access, cleanups)
  await until(() => watcher.state.kind === 'watching', 'watching')
  server.show(server2)
  server.cutAll()
  await until(() => watcher.state.kind === 'away' && watcher.state.error === 'tls_failed', 'not trusted')
  file('ca.crt', first.ca + second.ca)
  await until(() => watcher.state.kind === 'watching', 'trusted')
  expect(notes).toEqual(['certificates for the API server were read anew'])
  server.collection(PODS).put(smallPod('two'))
  await until(() => view.shown.join() === truthOf(server.collection(PODS)).join(), 'the truth')
  // While it is written it is empty: Node would trust the system's authorities instead.
  file('ca.crt', '')
  const known = watcher.counts.watches
  server.cutAll()
  await until(() => watcher.counts.watches > known, 'the last authorities')
})

test('a watch that stands is not cut when authorities are replaced; its connection ends with it', async () => {
  const { server, access } = await started()
  const { watcher, client, stop } = startWatching(access, cleanups, {
    timings: { watchMs: 60_000, shortMs: 0 },
  })
  await until(() => watcher.state.kind === 'watching', 'watching')
  file('ca.crt', first.ca + second.ca)
  await client.get('/version', AbortSignal.timeout(5000))
  expect(watcher.counts).toMatchObject({ watches: 1, failures: 0 })
  expect(server.underWay).toBe(1)
  await stop()
  await until(() => server.underWay === 0, 'nothing is under way')
})

test('a client certificate, inline or in files; the name that the server is to have; or no check, said aloud', async () => {
  const { server, access } = await started({}, { ca: first.ca })
  server.tokens = undefined
  const get = async (more: Partial<ClusterAccess>) => {
    const notes: string[] = []
    const client = new KubeClient({ ...access, ...more }, { note: (note) => notes.push(note) })
    try {
      const { gitVersion } = await client.get('/version', AbortSignal.timeout(5000))
      return [gitVersion, ...notes]
    } finally {
      client.close()
    }
  }
  const inline = (text: string) => ({ kind: 'inline', text, said: 'the test' }) as const
  const clientCertificate = inline(agent.cert)
  const clientKey = { kind: 'file', path: file('agent.key', agent.key) } as const
  expect(await get({ identity: { clientCertificate, clientKey } })).toEqual(['v1.34.4'])
  expect(server.certificates.at(-1)).toBe('agent')
  expect(await get({ authorities: inline(first.ca), serverName: 'kubernetes.default.svc' })).toEqual([
    'v1.34.4',
  ])
  expect(server.certificates.at(-1)).toBeUndefined()
  await expect(get({ serverName: 'other.example' })).rejects.toMatchObject({ kind: 'tls_failed' })
  await expect(get({ authorities: inline(second.ca) })).rejects.toThrow(
    /Cannot get \/version at https:.*authorities/,
  )
  await expect(get({ authorities: inline(second.ca.slice(0, 90)) })).rejects.toThrow('no certificate in PEM')
  expect(await get({ authorities: inline(second.ca), isUnchecked: true, warnings: ['not checked'] })).toEqual(
    ['v1.34.4', 'not checked'],
  )
})
