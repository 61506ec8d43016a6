import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasCommand } from '../../../../../test/support/commands.js'

const BIN = fileURLToPath(new URL('../../../bin/', import.meta.url))
const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{ name: east, cluster: { server: "https://127.0.0.1:1" } }]
contexts: [{ name: prod, context: { cluster: east, user: ann, namespace: shop } }]
users: [{ name: ann, user: {} }]
`

/** kubectl's own completion is what reads the answer: the protocol is as it has it. */
describe.skipIf(!hasCommand('kubectl'))('kubectl, asked what may follow kubectl hivetap', () => {
  let folder = ''

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hivetap-complete-'))
    mkdirSync(join(folder, 'bin'))
    // As npm and krew install them.
    for (const name of ['kubectl-hivetap', 'kubectl_complete-hivetap'])
      symlinkSync(join(BIN, `${name}.js`), join(folder, 'bin', name))
    writeFileSync(join(folder, 'config'), KUBECONFIG)
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  /** What kubectl tells a shell: its own words stand on standard error. */
  function completed(...words: string[]): string {
    return execFileSync('kubectl', ['__complete', ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {
        ...process.env,
        PATH: `${join(folder, 'bin')}:${dirname(process.execPath)}:${process.env['PATH']}`,
        KUBECONFIG: join(folder, 'config'),
      },
    })
  }

  it('knows the plugin, its commands with what they are for, and how the shell goes on', () => {
    expect(completed('hivet')).toMatch(/^hivetap\t/m)
    expect(completed('hivetap', 'tcpconnl')).toMatch(/^tcpconnlat\t.+\n:4\n$/)
    expect(completed('hivetap', 'trace', 'execsnoop,tcpconnl')).toBe('execsnoop,tcpconnlat\n:6\n')
    expect(completed('hivetap', '--kubeconfig', '')).toBe(':0\n')
  }, 60_000)

  it('knows the names of the kubeconfig that is meant', () => {
    expect(completed('hivetap', 'tcpconnlat', '--context', '')).toBe('prod\n:4\n')
    const other = join(folder, 'other')
    writeFileSync(other, KUBECONFIG.replace('name: prod', 'name: staging'))
    expect(completed('hivetap', `--kubeconfig=${other}`, 'status', '--context', '')).toBe('staging\n:4\n')
    expect(completed('hivetap', '--kubeconfig', join(folder, 'none'), '--context', '')).toBe(':4\n')
  }, 60_000)
})
