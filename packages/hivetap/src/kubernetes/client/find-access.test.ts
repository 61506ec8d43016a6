import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessTo } from '../../../../../test/support/kubernetes/watching.js'
import { Credentials } from './credentials.js'
import { findAccess } from './find-access.js'
import { inClusterAccess } from './in-cluster.js'
import { runExecPlugin } from './run-exec-plugin.js'

let home = ''
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'hivetap-kubeconfig-'))
})
afterAll(() => rmSync(home, { recursive: true }))

const file = (name: string, text: string) => {
  writeFileSync(join(home, name), text)
  return join(home, name)
}
const base64 = (text: string) => Buffer.from(text).toString('base64')

const CONFIG = `
apiVersion: v1
kind: Config
preferences: {}
current-context: shop
contexts:
- {name: shop, context: {cluster: a, user: me, namespace: till}}
- {name: other, context: {cluster: b, user: certified}}
- {name: broken, context: {cluster: nowhere, user: me}}
- {name: nobody, context: {cluster: a, user: nobody}}
- {name: open, context: {cluster: plain}}
- {name: shown, context: {cluster: plain, user: me}}
clusters:
- name: a
  cluster: {server: 'https://[fd00::1]:6443/prefix/', certificate-authority: pki/ca.crt, tls-server-name: api.example}
- name: b
  cluster: {server: 'https://b.example', insecure-skip-tls-verify: true, disable-compression: true}
- {name: plain, cluster: {server: 'http://127.0.0.1:8001'}}
users:
- {name: me, user: {token: given, tokenFile: ./token}}
- {name: certified, user: {client-certificate-data: ${base64('CERT')}, client-key: /keys/me.key}}
`

test('a kubeconfig: the current context or one that is named; paths from the file’s folder; data and files', async () => {
  const kubeconfig = file('config', CONFIG)
  expect(await findAccess({ kubeconfig, env: {} })).toMatchObject({
    server: 'https://[fd00::1]:6443/prefix',
    authorities: { kind: 'file', path: join(home, 'pki/ca.crt') },
    serverName: 'api.example',
    isUnchecked: false,
    identity: { token: 'given', tokenFile: join(home, 'token') },
    namespace: 'till',
    origin: `context shop of ${kubeconfig}`,
    warnings: [],
  })
  const other = await findAccess({ kubeconfig, context: 'other', env: {} })
  expect(other).toMatchObject({
    isUnchecked: true,
    isCompressionOff: true,
    identity: {
      clientCertificate: { kind: 'inline', text: 'CERT' },
      clientKey: { kind: 'file', path: '/keys/me.key' },
    },
    namespace: 'default',
  })
  expect(other.warnings.join()).toContain('insecure-skip-tls-verify')
  expect((await findAccess({ kubeconfig, context: 'open', env: {} })).identity).toEqual({})
})

test('which of several holds: the file that is named, KUBECONFIG, the pod, ~/.kube/config', async () => {
  mkdirSync(join(home, '.kube'), { recursive: true })
  file('.kube/config', CONFIG.replace('current-context: shop', 'current-context: open'))
  const one = file('one', 'current-context: x\ncontexts: [{name: x, context: {cluster: a}}]\nusers:\n')
  const two = file('two', CONFIG)
  const KUBECONFIG = `${join(home, 'is-not-there')}:${one}:${two}`
  const pod = { KUBERNETES_SERVICE_HOST: 'fd00::2', KUBERNETES_SERVICE_PORT: '443', HOME: home }
  expect((await findAccess({ env: { ...pod, KUBECONFIG } })).origin).toContain('context x of')
  expect((await findAccess({ env: { ...pod, KUBECONFIG }, kubeconfig: two })).origin).toContain(
    'context shop of',
  )
  expect(await findAccess({ env: pod })).toMatchObject({
    server: 'https://[fd00::2]:443',
    origin: 'the service account of this pod',
  })
  expect((await findAccess({ env: { HOME: home } })).server).toBe('http://127.0.0.1:8001')
  await expect(findAccess({ env: { HOME: join(home, 'pki') } })).rejects.toThrow('No cluster is known')
})

test('a pod’s service account: token and authorities in files, its namespace', async () => {
  file('namespace', 'hivetap\n')
  const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' }
  expect(await inClusterAccess(env, home)).toMatchObject({
    server: 'https://10.0.0.1:443',
    authorities: { kind: 'file', path: join(home, 'ca.crt') },
    identity: { tokenFile: join(home, 'token') },
    namespace: 'hivetap',
  })
  for (const host of ['', 'a/b', 'user@host', 'a b'])
    await expect(inClusterAccess({ ...env, KUBERNETES_SERVICE_HOST: host }, home)).rejects.toThrow(
      'KUBERNETES_SERVICE_HOST',
    )
})

test('what cannot be used is said, with its place, and without its secrets', async () => {
  const user = (keys: string) => CONFIG.replace('token: given, tokenFile: ./token', keys)
  const cases: readonly (readonly [string, string, string?])[] = [
    ['is not there', CONFIG, 'broken'],
    ['names the user nobody', CONFIG, 'nobody'],
    ['it has shop, other, broken', CONFIG, 'absent'],
    ['unencrypted', CONFIG, 'shown'],
    ['no current context', CONFIG.replace('current-context: shop', '')],
    ['is not YAML', 'users: [{token: secret-1'],
    ['contexts.0.context.cluster', 'contexts: [{name: x, context: {cluster: 7}}]'],
    ['proxy-url', CONFIG.replace('tls-server-name: api.example', 'proxy-url: "http://proxy:3128"')],
    ['no server', CONFIG.replace("'https://[fd00::1]:6443/prefix/'", "'not an address'")],
    ['no server', CONFIG.replace("'https://[fd00::1]:6443/prefix/'", "'file:///etc'")],
    ['signs in by password', user('username: a, password: secret-1')],
    ['auth-provider', user('auth-provider: {name: gcp}')],
    ['acts as another', user('token: secret-1, as: admin')],
    ['not both', user('client-key-data: c2VjcmV0LTE=')],
    ['not base64', user('client-key-data: "secret-1*", client-certificate: x')],
    [
      'must ask a person',
      user('exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}'),
    ],
    [
      'only client.authentication',
      user('exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}'),
    ],
    [
      'aliases|not YAML|Excessive',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]`,
    ],
  ]
  for (const [says, text, context] of cases) {
    const kubeconfig = file('config', text)
    const error: unknown = await findAccess({ kubeconfig, context, env: {} }).catch(
      (thrown: unknown) => thrown,
    )
    expect(error, says).toMatchObject({ kind: 'config_wrong' })
    expect(String(error)).toMatch(new RegExp(says))
    expect(String(error)).not.toContain('secret-1')
  }
  await expect(findAccess({ kubeconfig: join(home, 'none'), env: {} })).rejects.toThrow(
    'There is no kubeconfig',
  )
  await expect(findAccess({ kubeconfig: home, env: {} })).rejects.toThrow('Cannot read the kubeconfig')
})

/** A plugin that is a script of the shell. */
function plugin(script: string, more = {}) {
  const command = file('plugin', `#!/bin/sh\n${script}\n`)
  chmodSync(command, 0o700)
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    command,
    args: ['one'],
    env: { EXTRA: 'two' },
    provideClusterInfo: true,
    ...more,
  }
}
const credential = (status: unknown) =>
  `echo '${JSON.stringify({ kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1', status })}'`

test('an exec plugin says who we are; it is asked once for all, and anew when that ends', async () => {
  const calls = join(home, 'calls')
  const access = accessTo('https://c.example', {
    identity: {
      exec: plugin(`echo "$1 $EXTRA $KUBERNETES_EXEC_INFO" >> ${calls}; ${credential({ token: 'given' })}`),
    },
  })
  const credentials = new Credentials(access)
  const all = await Promise.all([credentials.get(), credentials.get(), credentials.get()])
  expect(all).toEqual([{ token: 'given' }, { token: 'given' }, { token: 'given' }])
  await credentials.get()
  const lines = () => readFileSync(calls, 'utf8').trim().split('\n')
  expect(lines()).toHaveLength(1)
  expect(lines()[0]).toContain('one two {')
  expect(lines()[0]).toContain('"cluster":{"server":"https://c.example"}')
  credentials.forget()
  await credentials.get()
  expect(lines()).toHaveLength(2)
  const soon = new Date(Date.now() + 5000).toISOString()
  const short = new Credentials(
    accessTo('https://c.example', {
      identity: {
        exec: plugin(`echo x >> ${calls}; ${credential({ token: 'short', expirationTimestamp: soon })}`),
      },
    }),
  )
  await short.get()
  await short.get()
  expect(lines()).toHaveLength(4)
})

test('a plugin that fails, hangs or writes what it should not is told; what it wrote is not', async () => {
  const access = accessTo('https://c.example')
  const cases: Record<string, string> = {
    'echo secret-1; echo "no network" >&2; exit 3': 'ended with status 3: no network',
    'sleep 600': 'did not end within 0.2 s',
    'yes secret-1': 'wrote more than 1 MiB',
    'echo secret-1': 'wrote no JSON',
    [credential({})]: 'neither a token nor a certificate',
    [credential({ clientKeyData: 'secret-1' })]: 'without its key, or a key alone',
    [credential({ token: 'a', expirationTimestamp: 'secret-1' })]: 'expirationTimestamp',
    'echo \'{"kind":"Secret","data":"secret-1"}\'': 'no ExecCredential',
  }
  for (const [script, says] of Object.entries(cases)) {
    const patienceMs = script.startsWith('sleep') ? 200 : 20_000
    const error: unknown = await runExecPlugin(plugin(script), access, { patienceMs }).catch(
      (thrown: unknown) => thrown,
    )
    expect(error, script).toMatchObject({ kind: 'credentials_unusable' })
    expect(String(error)).toContain(says)
    expect(String(error)).not.toContain('secret-1')
  }
  const absent = { ...plugin(''), command: join(home, 'absent'), installHint: 'Install it so.' }
  await expect(runExecPlugin(absent, access)).rejects.toThrow(/is not there\. Install it so\./)
  const abort = new AbortController()
  const running = runExecPlugin(plugin('sleep 600'), access, { signal: abort.signal })
  abort.abort()
  await expect(running).rejects.toThrow('The credential plugin')
  const bad = new Credentials(accessTo('https://c.example', { identity: { token: 'a\r\nx: y' } }))
  await expect(bad.get()).rejects.toThrow('holds a character that no token has')
})
