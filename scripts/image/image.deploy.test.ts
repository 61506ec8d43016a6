import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Container } from '../../test/support/container.js'
import { OciArchive } from '../../test/support/oci-archive.js'

/** Of the command, and what it is asked to load besides where a store is wanted. */
const DEPENDENCIES = ['@duckdb/node-api', ...dependenciesOf('bpf'), ...dependenciesOf('hivetap')]

const folder = mkdtempSync(join(tmpdir(), 'hivetap-image-'))
const rootfs = join(folder, 'rootfs')
let image: OciArchive
let again: OciArchive

beforeAll(() => {
  image = built('first')
  again = built('second')
  image.unpack('amd64', rootfs)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function dependenciesOf(name: string): readonly string[] {
  const about = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8')) as {
    readonly dependencies?: Readonly<Record<string, string>>
  }
  return Object.keys(about.dependencies ?? {}).filter((each) => each !== '@hivetap/bpf')
}

/** An image that was built by what `npm run image` runs. */
function built(name: string): OciArchive {
  const out = join(folder, name)
  execFileSync(process.execPath, ['scripts/image/image.mjs', '--out', out], { stdio: 'inherit' })
  const file = readdirSync(out).find((each) => each.endsWith('.oci.tar')) ?? ''
  return new OciArchive(readFileSync(join(out, file)))
}

describe('the archive', () => {
  it('is the same when it is built again', () => {
    expect(again.digest).toBe(image.digest)
    expect(image.architectures).toEqual(['amd64', 'arm64'])
  })

  it.each(['amd64', 'arm64'])('takes 75 MB to fetch at most: %s', (architecture) => {
    expect(image.size(architecture)).toBeLessThanOrEqual(75e6)
  })

  it('is read by skopeo, every digest and platform', () => {
    const path = join(
      folder,
      'first',
      readdirSync(join(folder, 'first')).find((file) => file.endsWith('.tar')) ?? '',
    )
    const { status, stderr } = spawnSync(
      'skopeo',
      ['copy', '--all', '--quiet', `oci-archive:${path}`, `dir:${join(folder, 'copy')}`],
      { encoding: 'utf8' },
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })

  it.each(['amd64', 'arm64'])(
    'holds one program, and each library that one of its parts names: %s',
    (architecture) => {
      const files = image.files(architecture)
      expect(files.filter(({ path }) => /^usr\/s?bin\/./.test(path)).map(({ path }) => path)).toEqual([
        'usr/bin/node',
        'usr/bin/hivetap',
      ])
      const names = new Set(files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)))
      const native = files.filter(({ content }) => content.subarray(0, 4).equals(Buffer.from('\x7fELF')))
      expect(native.length).toBeGreaterThan(8)
      for (const { path, content } of native)
        for (const library of neededBy(content, path)) expect(names, `${path} needs it`).toContain(library)
    },
  )

  it.each(['amd64', 'arm64'])('has the licence of all that its list names: %s', (architecture) => {
    const files = new Map(image.files(architecture).map(({ path, content }) => [path, content.toString()]))
    const { packages } = JSON.parse(files.get('usr/share/doc/hivetap/sbom.spdx.json') ?? '') as {
      readonly packages: readonly { readonly SPDXID: string; readonly name: string }[]
    }
    // All that hivetap depends on: what is asked for by name as it runs was missing once, and no import told.
    expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(DEPENDENCIES))
    for (const name of DEPENDENCIES) {
      const isJoined = packages.some((each) => each.name === name && each.SPDXID.endsWith('-joined'))
      const stands = [...files.keys()].some((path) => path.endsWith(`/node_modules/${name}/package.json`))
      expect(isJoined || stands, name).toBe(true)
    }
    expect(files.get('usr/lib/node_modules/hivetap/LICENSE')).toContain('Apache License')
    expect(files.get('usr/share/doc/node/copyright')).toContain('Node.js is licensed')
    expect(files.get('usr/share/doc/libc6/copyright')).toContain('Lesser General Public License')
    expect(files.get('usr/share/doc/gcc-12-base/copyright')).toContain('Runtime Library Exception')
    const joined = files.get('usr/lib/node_modules/hivetap/dist/bundle/THIRD-PARTY-LICENSES')
    for (const { name } of packages.filter(({ SPDXID }) => SPDXID.endsWith('-joined')))
      expect(joined).toContain(`${name} `)
  })
})

describe('a container with BPF and PERFMON alone, and a root that cannot be written', () => {
  const containers: Container[] = []

  function container(seccomp?: string): Container {
    const made = new Container(rootfs, image.config('amd64'), seccomp)
    containers.push(made)
    return made
  }

  afterEach(async () => {
    for (const each of containers.splice(0)) await each.remove()
  })

  it('says what runs here', async () => {
    const run = container().run(['doctor'])
    expect(await run.ended()).toEqual({ code: 0, signal: null })
    expect(run.stdout).toContain('tcpconnlat runs here')
    expect(run.stdout).toMatch(/ok {2}rights +root, CAP_PERFMON CAP_BPF\n/)
  })

  it.each([
    ['', undefined],
    [', with the seccomp profile of deploy/', 'deploy/seccomp/hivetap.json'],
  ])(
    'shows a connect, to whoever asks by exec as well, and ends when it is told to%s',
    async (_, profile) => {
      const port = await freePort()
      const tool = ['tcpconnlat', '-P', String(port), '-x', '-v']
      const here = container(profile)
      const first = await here.run(tool).attached()
      const second = await here.exec(['hivetap', ...tool]).attached()
      await here.exec(['node', '-e', connect(port)]).ended()
      for (const run of [first, second]) {
        await run.until(({ lines }) => lines.length > 1, 'the connect')
        expect(run.lines.at(-1)).toMatch(new RegExp(` 127\\.0\\.0\\.1 +127\\.0\\.0\\.1 +${port} `))
      }
      expect(await second.end('SIGINT')).toEqual({ code: 0, signal: null })
      // Process 1 is ended by no signal that it does not serve.
      expect(await first.end('SIGTERM')).toEqual({ code: 0, signal: null })
    },
  )

  it('has the store, also with that profile', async () => {
    const here = container('deploy/seccomp/hivetap.json')
    const run = here.run(['-e', STORE], ['/usr/bin/node'])
    expect(await run.ended()).toEqual({ code: 0, signal: null })
    expect(run.stdout).toBe('42\n')
  })

  it('has no shell', async () => {
    const run = container().run([], ['sh'])
    expect((await run.ended()).code).not.toBe(0)
    expect(run.stderr).toMatch(/exec: .*sh.*: executable file not found/)
  })
})

/** A connect that is refused: nobody listens there. */
const connect = (port: number) => `require('node:net').connect(${port}, '127.0.0.1').on('error', () => {})`

/** A port that was free a moment ago: nobody else connects to it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** What the store is made on, asked for a sum. */
const STORE = `
const { createRequire } = require('node:module')
const { DuckDBInstance } = createRequire('/usr/lib/node_modules/hivetap/')('@duckdb/node-api')
DuckDBInstance.create(':memory:')
  .then((instance) => instance.connect())
  .then((connection) => connection.runAndReadAll('select 6 * 7'))
  .then((result) => console.log(String(result.getRows()[0][0])))
`

/** The libraries that a program or a library names, as readelf tells. */
function neededBy(content: Buffer, path: string): readonly string[] {
  const file = join(folder, path.replaceAll('/', '_'))
  execFileSync('tee', [file], { input: content, stdio: ['pipe', 'ignore', 'inherit'] })
  const text = execFileSync('readelf', ['--dynamic', '--wide', file], { encoding: 'utf8' })
  rmSync(file)
  return [...text.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name = '']) => name)
}
