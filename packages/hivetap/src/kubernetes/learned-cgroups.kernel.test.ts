import { randomBytes, randomUUID } from 'node:crypto'
import { openKernelBtf } from '@hivetap/bpf'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canMakeCgroups, cgroup1Mount, cgroup2Mount, TestCgroup } from '../../../../test/support/cgroup.js'
import { Client } from '../../../../test/support/client.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { nodePod } from '../../../../test/support/kubernetes/node-pods.js'
import { canRunContainers, TestContainer } from '../../../../test/support/runc.js'
import { CgroupResolver } from '../identity/cgroups/cgroup-resolver.js'
import { KeptNames } from '../identity/cgroups/kept-names.js'
import { KeptPrograms } from '../identity/process/kept-programs.js'
import { ProcessIdentities } from '../identity/process/process-identities.js'
import { exitsnoop } from '../probes/exitsnoop/exitsnoop.js'
import { openTool } from '../probes/open-tool.js'
import { tcpconnlat } from '../probes/tcpconnlat/tcpconnlat.js'
import { type AnyTool, RUNGS, type Rung, type Session } from '../probes/tool.js'
import { FollowedNames } from './followed-names.js'
import { PodSelector } from './model/select/pod-selector.js'
import { onlyPods } from './names.js'
import { PodFilter } from './pod-filter.js'

const V1 = cgroup1Mount('memory')
const V2 = cgroup2Mount()
const NOWHERE = { address: '127.0.0.1', port: 1 }
const HERE = openKernelBtf() !== undefined && canMakeCgroups(V1) && canMakeCgroups(V2)
const WANTED = new Map([['app', 'a']])
const OTHER = new Map([['app', 'z']])

const made: { close(): void }[] = []
let filter: PodFilter

beforeEach(() => {
  filter = new PodFilter(new PodSelector({ labels: 'app=a' }))
})
afterEach(() => {
  for (const each of made.splice(0).reverse()) each.close()
})

/** A tool that is followed without regard to what cgroups are seen, and what came of its events. */
function follow(tool: AnyTool, options: object, rung: Rung = 'tp_btf') {
  const sessions = new KeptNames()
  const processes = new ProcessIdentities()
  const resolver = new CgroupResolver({ source: sessions })
  const close = () => resolver.close()
  const names = new FollowedNames({
    resolver,
    processes,
    cluster: undefined,
    sessions,
    programs: new KeptPrograms(),
    filter,
    close,
  })
  const { session } = openTool<Session<{ pid: number }>, object>(tool, onlyPods(options, names), { rung })
  made.push({ close: () => names[Symbol.dispose]() }, session)
  const { wanted } = names.follow<{ pid: number }>(tool, session, true)
  const account = { received: 0, unwanted: 0, delivered: 0 }
  /** Of the events of some processes: how many came to user space, and how many of them are told. */
  const drain = (isOurs: (event: { pid: number }) => boolean) => {
    const ours = { came: 0, told: 0 }
    session.events.drain((event) => {
      account.received++
      const isTold = wanted?.(event) !== false
      if (isTold) account.delivered++
      else account.unwanted++
      if (!isOurs(event)) return
      ours.came++
      if (isTold) ours.told++
    })
    return ours
  }
  const balance = () => session.balance({ ...account, malformed: 0, ended: true })
  return { session, drain, balance, names }
}

function nested(mount: string | undefined, ...names: readonly string[]): TestCgroup[] {
  const top = TestCgroup.createIn(mount ?? '')
  const all = [top, ...top.nested(...names)]
  made.push(...all)
  return all
}

const hex = () => randomBytes(32).toString('hex')

describeKernelIf(HERE)('pods that are not asked for, where their cgroups are not seen', () => {
  let client: Client
  let pid: number
  beforeEach(async () => {
    client = new Client()
    pid = (await client.who()).pid
  })
  afterEach(() => client.stop())

  describe.each(RUNGS)('by %s', (rung) => {
    it.each([
      ['version 1', V1],
      ['version 2', V2],
    ] as const)(
      'are left out in the kernel after their first event, as labels change: %s',
      async (_, mount) => {
        const uids = [randomUUID(), randomUUID()] as const
        const [, , , container] = nested(mount, 'kubepods', `pod${uids[0]}`, hex())
        container?.add(pid)
        const { session, drain, balance } = follow(tcpconnlat, { pid, failed: true }, rung)
        const connects = async (count: number) => {
          for (let i = 0; i < count; i++) await client.connect(NOWHERE)
          return drain((event) => event.pid === pid)
        }
        // The pod is not known yet: nothing is sure.
        expect(await connects(2)).toEqual({ came: 2, told: 0 })
        filter.podPut(nodePod(uids[0], { labels: OTHER }))
        expect(await connects(1)).toEqual({ came: 1, told: 0 })
        expect(await connects(3)).toEqual({ came: 0, told: 0 })
        filter.podPut(nodePod(uids[0], { labels: WANTED }))
        expect(await connects(3)).toEqual({ came: 3, told: 3 })
        filter.podPut(nodePod(uids[0], { labels: OTHER }))
        expect(await connects(1)).toEqual({ came: 1, told: 0 })
        expect(await connects(3)).toEqual({ came: 0, told: 0 })
        filter.podRemoved(nodePod(uids[0], { labels: OTHER }))
        expect(await connects(2)).toEqual({ came: 2, told: 0 })
        // What is below one that is left out is for itself.
        const inner = container?.within('inner')
        if (inner === undefined) return
        made.push(inner)
        inner.add(pid)
        filter.podPut(nodePod(uids[0], { labels: OTHER }))
        expect(await connects(1)).toEqual({ came: 1, told: 0 })
        expect(await connects(1)).toEqual({ came: 0, told: 0 })
        session.detach()
        const { produced, filtered, delivered, inFlight, dropped } = balance()
        expect({ told: produced - filtered, delivered, inFlight, dropped }).toEqual({
          told: 3,
          delivered: 3,
          inFlight: 0,
          dropped: new Map(),
        })
      },
    )
  })

  it('are units of the host too', async () => {
    const [, unit] = nested(V1, 'cron.service')
    unit?.add(pid)
    const { session, drain, names } = follow(tcpconnlat, { pid, failed: true })
    await client.connect(NOWHERE)
    expect(drain((event) => event.pid === pid)).toEqual({ came: 1, told: 0 })
    await client.connect(NOWHERE)
    expect(drain((event) => event.pid === pid)).toEqual({ came: 0, told: 0 })
    expect(names.learned).toEqual({ learned: 1, evicted: 0, refused: 0 })
    expect(session.leftOutCgroups()).toHaveLength(1)
  })

  it('cost one event each where the kernel holds few of them, and the first is forgotten', async () => {
    const groups = nested(V1, 'a.service', 'b.service', 'c.service')
    const { session, drain } = follow(tcpconnlat, { pid, failed: true })
    expect(session.cgroupRoom()).toBe(4096)
    // As many as it holds, but for two.
    for (let key = 1n; key <= 4094n; key++) session.leaveOutCgroup(key << 40n)
    for (const group of groups.slice(1)) {
      group.add(pid)
      await client.connect(NOWHERE)
      await client.connect(NOWHERE)
    }
    // The third is not taken: it is left out behind.
    expect(drain((event) => event.pid === pid)).toMatchObject({ told: 0 })
    expect(session.leftOutCgroups()).toHaveLength(4096)
    expect(filter.learned).toMatchObject({ learned: 2, refused: 2 })
  })
})

describeKernelIf(HERE && canRunContainers())('a container', () => {
  it.each([
    ['is not asked for: its processes are left out in the kernel', OTHER],
    ['is asked for: they are told', WANTED],
  ] as const)('that %s', (_, labels) => {
    const uid = randomUUID()
    const container = new TestContainer(`/hivetap-test-${process.pid}/kubepods/burstable/pod${uid}/${hex()}`)
    made.push(container)
    filter.podPut(nodePod(uid, { labels }))
    const { session, drain } = follow(exitsnoop, {})
    const isOurs = ({ cgroupKey }: { cgroupKey: bigint }) =>
      session.cgroupNames(cgroupKey)?.[1] === `pod${uid}`
    const ofRuns = [1, 2, 3].map(() => {
      container.run('true')
      return drain(isOurs as never)
    })
    expect(ofRuns[0]?.came).toBeGreaterThan(0)
    for (const { came, told } of ofRuns) expect(told).toBe(labels === WANTED ? came : 0)
    for (const { came } of ofRuns.slice(1))
      if (labels === WANTED) expect(came).toBeGreaterThan(0)
      else expect(came).toBe(0)
  })
})
