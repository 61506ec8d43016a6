import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openKernelBtf } from '@hivetap/bpf'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { AgentRun, auditOfFile, eventsIn } from '../../../../test/support/agent-run.js'
import { type Bpffs, canMountBpffs, mountedBpffs } from '../../../../test/support/bpffs.js'
import { CgroupTree, hierarchies } from '../../../../test/support/cgroup-tree.js'
import { Client, type EndPoint } from '../../../../test/support/client.js'
import { WITHOUT_CGROUPS } from '../../../../test/support/hivetap.js'
import { type Cleanups, cleanUp } from '../../../../test/support/http-server.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { ApiServer } from '../../../../test/support/kubernetes/api-server.js'
import { toldBalance } from '../../../../test/support/told-balance.js'
import { ENDPOINT_SLICES, NODES, PODS, SERVICES } from '../kubernetes/client/resource.js'
import { openProgress } from '../pinned/progress.js'
import type { HealthRecord } from './service/health.js'

const [hierarchy] = hierarchies()
const PATIENCE_MS = 30_000

const cleanups: Cleanups = []
let bpffs: Bpffs
let directory: string
let pins: string
let file: string
let server: ApiServer
let tree: CgroupTree
let client: Client
let pid: number
let listener: EndPoint

/** A pod that has run before the agent, with one container. */
class Pod {
  readonly uid = randomUUID()
  readonly name: string
  readonly #id = randomBytes(32).toString('hex')

  constructor(name: string) {
    this.name = name
    tree.make(this.#cgroup)
  }

  get #cgroup(): string {
    return `/kubepods/burstable/pod${this.uid}/${this.#id}`
  }

  /** Has the API tell of it. */
  tell(app: string): void {
    const running = { running: { startedAt: new Date(Date.now() - 60_000).toISOString() } }
    const status = { name: 'main', image: 'm:1', containerID: `containerd://${this.#id}`, state: running }
    server.collection(PODS).put({
      metadata: { namespace: 'shop', name: this.name, uid: this.uid, labels: { app } },
      spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'm:1' }] },
      status: { phase: 'Running', podIP: '10.0.0.1', containerStatuses: [status] },
    })
  }

  /** The ports of so many connects that were made in it. */
  async connect(count: number): Promise<number[]> {
    tree.move(pid, this.#cgroup)
    const ports: number[] = []
    for (let i = 0; i < count; i++) ports.push((await client.connect(listener)).local.port)
    return ports
  }
}

beforeEach(async () => {
  if (hierarchy === undefined) return
  bpffs = mountedBpffs()
  cleanups.push(() => bpffs.close())
  directory = mkdtempSync(join(tmpdir(), 'hivetap-pods-'))
  cleanups.push(() => rmSync(directory, { recursive: true }))
  pins = join(bpffs.path, 'hivetap')
  file = join(directory, 'events.jsonl')
  server = new ApiServer()
  for (const resource of [PODS, SERVICES, ENDPOINT_SLICES, NODES]) server.collection(resource)
  const url = await server.listen(cleanups)
  const kubeconfig = {
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server: url } }],
    users: [{ name: 'test', user: {} }],
  }
  writeFileSync(join(directory, 'kubeconfig'), JSON.stringify(kubeconfig))
  tree = new CgroupTree(hierarchy)
  cleanups.push(() => tree.close())
  client = new Client()
  pid = (await client.who()).pid
  const root = hierarchy.path
  cleanups.push(() => {
    // Its groups are to be empty at once.
    writeFileSync(join(root, 'cgroup.procs'), String(pid))
    client.stop()
  })
  listener = await client.listen('127.0.0.1', { backlog: 4096 })
})
afterEach(() => cleanUp(cleanups))

function flags(): string[] {
  return [
    ...['--tool', 'tcpconnlat', '--pid', String(pid), '--selector', 'app=a', '--node', 'n1'],
    ...['--kubernetes-kubeconfig', join(directory, 'kubeconfig'), '--file-path', file],
    ...['--spool-dir', join(directory, 'spool')],
  ]
}

async function start(...more: readonly string[]): Promise<AgentRun> {
  const run = new AgentRun([...flags(), ...more], undefined, WITHOUT_CGROUPS)
  cleanups.push(() => run.kill())
  return run.recording()
}

const startPinned = (...more: readonly string[]) => start('--pin', '--pin-directory', pins, ...more)

/** How many events user space has left out, of all that it has handled. */
function leftOutBehind(): number {
  using progress = openProgress(join(pins, 'run', 'progress'))
  return progress.get(0)?.tools[0]?.unwanted ?? 0
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('waited in vain')
    await sleep(20)
  }
}

/** By the ports that they came from. After a kill a file has some twice. */
const told = () => [...new Set(eventsIn(file, 'tcpconnlat').map((record) => Number(record['source_port'])))]

async function untilTold(count: number): Promise<void> {
  await until(() => told().length >= count)
}

describeKernelIf(hierarchy !== undefined && canMountBpffs() && openKernelBtf() !== undefined)(
  'an agent that tells of some pods, where no cgroups are seen',
  () => {
    it('has the kernel leave out the others, pinned also while no agent runs, and its account is exact', async () => {
      const [wanted, other, third] = [new Pod('wanted'), new Pod('other'), new Pod('third')]
      wanted.tell('a')
      other.tell('z')
      third.tell('z')
      const killed = await startPinned()
      await other.connect(1)
      await until(() => leftOutBehind() === 1)
      // From now on in the kernel.
      await other.connect(20)
      const ports = await wanted.connect(5)
      await untilTold(5)
      expect(leftOutBehind()).toBe(1)
      expect(await killed.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' })

      // Nobody is there to leave out the third: it is left out by the next.
      ports.push(...(await wanted.connect(5)))
      await third.connect(5)
      await other.connect(5)
      const next = await startPinned()
      await untilTold(10)
      await until(() => leftOutBehind() === 6)
      await third.connect(5)
      ports.push(...(await wanted.connect(1)))
      await untilTold(11)
      expect(leftOutBehind()).toBe(6)
      // The next one has learned for itself.
      await other.connect(1)
      await until(() => leftOutBehind() === 7)
      await other.connect(5)
      ports.push(...(await wanted.connect(1)))
      await untilTold(12)
      expect(leftOutBehind()).toBe(7)
      expect(told()).toEqual(ports)

      // Wanted from some moment on.
      third.tell('a')
      const ofThird: number[] = []
      await until(async () => {
        ofThird.push(...(await third.connect(1)))
        return told().length > ports.length
      })
      const [first = 0] = told().slice(ports.length)
      ports.push(...ofThird.slice(ofThird.indexOf(first)))
      await untilTold(ports.length)
      expect(told()).toEqual(ports)
      expect(eventsIn(file, 'tcpconnlat').at(-1)).toMatchObject({ k8s_pod: 'third' })
      // And not any more.
      const before = leftOutBehind()
      third.tell('z')
      const after: number[] = []
      await until(async () => {
        after.push(...(await third.connect(1)))
        return leftOutBehind() > before
      })
      await third.connect(5)
      ports.push(...(await wanted.connect(1)))
      await until(() => told().at(-1) === ports.at(-1))
      expect(await next.end('SIGTERM'), next.stderr).toEqual({ code: 0, signal: null })

      const { status, epochs, said } = auditOfFile(file)
      expect(status, JSON.stringify(said)).toBe(0)
      expect(epochs).toMatchObject([{ verdict: 'proven', state: 'running', missing: 0 }])
      const [{ produced = 0, filtered = 0 } = {}] = epochs[0]?.tools ?? []
      expect(produced - filtered).toBe(told().length)
    })

    it('leaves out the others of an epoch that it ends, which was left to it', async () => {
      const [wanted, other] = [new Pod('wanted'), new Pod('other')]
      wanted.tell('a')
      other.tell('z')
      const killed = await startPinned()
      const ports = await wanted.connect(5)
      await untilTold(5)
      await killed.end('SIGKILL')
      await other.connect(5)
      ports.push(...(await wanted.connect(5)))
      const next = await startPinned('--tool', 'exitsnoop')
      expect(await next.end('SIGTERM'), next.stderr).toEqual({ code: 0, signal: null })
      expect(told()).toEqual(ports)
      const { status, epochs, said } = auditOfFile(file)
      expect(status, JSON.stringify(said)).toBe(0)
      expect(epochs.map(({ verdict }) => verdict)).toEqual(['proven', 'proven'])
      const ended = epochs.find(({ state }) => state === 'ended')
      const [{ produced = 0, filtered = 0 } = {}] = ended?.tools ?? []
      expect(produced - filtered).toBe(10)
    })

    it('does the same where nothing is pinned, and its health says how much', async () => {
      const [wanted, other] = [new Pod('wanted'), new Pod('other')]
      wanted.tell('a')
      other.tell('z')
      const health = join(directory, 'health.json')
      const run = await start('--health-file', health)
      await other.connect(3)
      const ports = await wanted.connect(5)
      await untilTold(5)
      const filter = () => {
        const { state } = JSON.parse(readFileSync(health, 'utf8')) as HealthRecord
        return (state as { names?: { filter?: unknown } } | undefined)?.names?.filter
      }
      await until(() => existsSync(health) && JSON.stringify(filter()).includes('"cgroups_learned":1'))
      expect(filter()).toEqual({ cgroups_learned: 1, cgroups_evicted: 0, cgroups_refused: 0 })
      await other.connect(20)
      expect(await run.end('SIGTERM'), run.stderr).toEqual({ code: 0, signal: null })
      expect(told()).toEqual(ports)
      expect(toldBalance(run.stderr)).toMatchObject({ own: 5, told: 5, underWay: 0, lost: 0 })
    })
  },
)
