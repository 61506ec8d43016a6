import { spawnSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { openKernelBtf } from '@hivetap/bpf'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runBuilt } from '../../../../test/support/built.js'
import { canMakeCgroups, cgroup1Mount, cgroup2Mount, TestCgroup } from '../../../../test/support/cgroup.js'
import { Client } from '../../../../test/support/client.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { restrictKernel } from '../../../../test/support/older-kernel.js'
import { forgetFeatures } from '../../../bpf/src/features/feature.js'
import { interposeBpf } from '../../../bpf/src/sys/bpf.js'
import { cgroupKey } from './cgroup-key.js'
import { execsnoop } from './execsnoop/execsnoop.js'
import { exitsnoop } from './exitsnoop/exitsnoop.js'
import { openTool } from './open-tool.js'
import { tcpconnlat } from './tcpconnlat/tcpconnlat.js'
import { type AnyTool, RUNGS, type Rung, type Session } from './tool.js'

const V1 = cgroup1Mount('memory')
const V2 = cgroup2Mount()
const NOWHERE = { address: '127.0.0.1', port: 1 }
const HERE = openKernelBtf() !== undefined && canMakeCgroups(V1) && canMakeCgroups(V2)

const made: { close(): void }[] = []
let client: Client
let pid: number

beforeEach(async () => {
  client = new Client()
  pid = (await client.who()).pid
})

afterEach(() => {
  client.stop()
  for (const each of made.splice(0).reverse()) each.close()
})

function open(
  tool: AnyTool = tcpconnlat,
  options: object = {},
  rung: Rung = 'tp_btf',
): Session<{ pid: number }> {
  const { session } = openTool(tool, { failed: true, someCgroups: true, ...options }, { rung })
  made.push(session)
  return session as Session<{ pid: number }>
}

function nested(mount: string | undefined, ...names: readonly string[]): TestCgroup[] {
  const top = TestCgroup.createIn(mount ?? '')
  const all = [top, ...top.nested(...names)]
  made.push(...all)
  return all
}

/** How many connects of the client are told, of one that is made now; and how many were left out. */
async function toldOfOne(session: Session<{ pid: number }>): Promise<number> {
  const before = filteredOf(session)
  await client.connect(NOWHERE)
  let told = 0
  session.events.drain((event) => {
    if (event.pid === pid) told++
  })
  if (told === 0) expect(filteredOf(session)).toBeGreaterThan(before)
  return told
}

const filteredOf = (session: Session<unknown>): number =>
  session.balance({ received: 0, malformed: 0, delivered: 0, ended: false }).filtered

const hex = () => randomBytes(32).toString('hex')

describeKernelIf(HERE)('cgroups that are wanted', () => {
  describe.each(RUNGS)('by %s', (rung) => {
    it.each([
      ['version 1', V1, 1],
      ['version 2', V2, 2],
    ] as const)('come and go under a running tool: of %s', async (_, mount, version) => {
      const [, , pod, container, inner] = nested(mount, 'kubepods', `pod${randomUUID()}`, hex(), 'inner')
      const keyOf = (group: TestCgroup | undefined) => cgroupKey(group?.inode ?? 0n, version)
      container?.add(pid)
      const session = open(tcpconnlat, {}, rung)
      expect(await toldOfOne(session)).toBe(0)
      session.wantCgroup(keyOf(container))
      expect(await toldOfOne(session)).toBe(1)
      session.forgetCgroup(keyOf(container))
      session.forgetCgroup(keyOf(container))
      expect(await toldOfOne(session)).toBe(0)
      // That of a pod stands for its containers, and for what they make.
      session.wantCgroup(keyOf(pod))
      expect(await toldOfOne(session)).toBe(1)
      inner?.add(pid)
      expect(await toldOfOne(session)).toBe(1)
      expect(session.wantedCgroups()).toEqual([keyOf(pod)])
      session.forgetCgroup(keyOf(pod))
      session.wantCgroup(keyOf(inner))
      expect(await toldOfOne(session)).toBe(1)
      container?.add(pid)
      expect(await toldOfOne(session)).toBe(0)
      // The same number is another cgroup in the other version.
      session.wantCgroup(cgroupKey(container?.inode ?? 0n, version === 1 ? 2 : 1))
      expect(await toldOfOne(session)).toBe(0)
    })

    it('are all but those that are left out, where it is said so: below one of them too', async () => {
      const [, pod, container] = nested(V1, `pod${randomUUID()}`, hex())
      const keyOf = (group: TestCgroup | undefined) => cgroupKey(group?.inode ?? 0n, 1)
      container?.add(pid)
      const session = open(tcpconnlat, { otherCgroups: 'told' }, rung)
      expect(await toldOfOne(session)).toBe(1)
      session.leaveOutCgroup(keyOf(pod))
      expect(await toldOfOne(session)).toBe(1)
      session.leaveOutCgroup(keyOf(container))
      expect(await toldOfOne(session)).toBe(0)
      session.forgetCgroup(keyOf(container))
      expect(await toldOfOne(session)).toBe(1)
      session.tellOtherCgroups(false)
      expect(await toldOfOne(session)).toBe(0)
      session.wantCgroup(keyOf(pod))
      expect(await toldOfOne(session)).toBe(1)
      // Of the innermost that something is said of.
      session.leaveOutCgroup(keyOf(container))
      expect(await toldOfOne(session)).toBe(0)
      expect([session.wantedCgroups(), session.leftOutCgroups()]).toEqual([[keyOf(pod)], [keyOf(container)]])
    })

    it('are asked for execs and ends too', () => {
      const [, wanted, other] = nested(V1, 'wanted', 'below')
      const run = (group: TestCgroup | undefined) => {
        const script = `echo $$ > ${join(group?.path ?? '', 'cgroup.procs')}; exec /bin/false`
        return spawnSync('bash', ['-c', script]).pid
      }
      const sessions = [open(execsnoop, { fails: true }, rung), open(exitsnoop, {}, rung)]
      for (const session of sessions) session.wantCgroup(cgroupKey(other?.inode ?? 0n, 1))
      const [left, told] = [run(wanted), run(other)]
      for (const session of sessions) {
        const pids = new Set<number>()
        session.events.drain((event) => pids.add(event.pid))
        expect([pids.has(told), pids.has(left)]).toEqual([true, false])
        expect(filteredOf(session)).toBeGreaterThan(0)
      }
    })
  })

  it('count where what is told is counted', async () => {
    const [, group] = nested(V1, hex())
    group?.add(pid)
    const session = open(tcpconnlat, { pid })
    session.wantCgroup(cgroupKey(group?.inode ?? 0n, 1))
    expect(await toldOfOne(session)).toBe(1)
    const { produced, filtered, inFlight } = session.balance({
      ...{ received: 1, malformed: 0, delivered: 1, ended: true },
    })
    expect([produced - filtered, inFlight]).toEqual([1, 0])
  })

  it('are as many as the map holds, and one more is an error that says so', () => {
    const session = open()
    for (let key = 1n; key <= 4096n; key++) session.wantCgroup(key << 40n)
    expect(() => session.wantCgroup(1n)).toThrow(/^Cannot tell by one more cgroup: 4096 are wanted already$/)
    expect(session.leaveOutCgroup(1n)).toBe(false)
    session.wantCgroup(1n << 40n)
    session.forgetCgroup(1n << 40n)
    expect(session.leaveOutCgroup(1n)).toBe(true)
    expect(session.wantedCgroups()).toHaveLength(4095)
    expect([session.leftOutCgroups(), session.cgroupRoom()]).toEqual([[1n], 4096])
    expect(() => session.wantCgroup(0n)).toThrow('0 is the key of no cgroup')
  })

  it('are not to be told to a tool that tells of all', () => {
    const session = open(tcpconnlat, { someCgroups: false })
    for (const call of [
      () => session.wantCgroup(1n),
      () => session.forgetCgroup(1n),
      () => session.wantedCgroups(),
      () => session.leaveOutCgroup(1n),
      () => session.tellOtherCgroups(true),
    ])
      expect(call).toThrow(/not opened with someCgroups/)
  })
})

describeKernelIf(HERE)('cgroups where kernel memory may not be copied', () => {
  let restricted: ReturnType<typeof restrictKernel>
  beforeEach(() => {
    forgetFeatures()
    restricted = restrictKernel(interposeBpf, ['no copies of kernel memory'])
  })
  afterEach(() => {
    restricted.restore()
    forgetFeatures()
  })

  it.each([
    ['version 1', V1, 1],
    ['version 2', V2, 2],
  ] as const)('have no names, and are told by all the same: of %s', async (_, mount, version) => {
    const [, pod, container] = nested(mount, `pod${randomUUID()}`, hex())
    container?.add(pid)
    const { session, refusals } = openTool(tcpconnlat, { failed: true, someCgroups: true })
    made.push(session)
    expect([session.placement.rung, refusals]).toEqual(['tp_btf', []])
    expect(session.cgroupNamesMissing).toBe('a kernel booted without lockdown=confidentiality')
    expect(await toldOfOne(session as Session<{ pid: number }>)).toBe(0)
    session.wantCgroup(cgroupKey(pod?.inode ?? 0n, version))
    await client.connect(NOWHERE)
    const keys: bigint[] = []
    session.events.drain((event) => {
      if (event.pid === pid) keys.push(event.cgroupKey)
    })
    expect(keys).toEqual([cgroupKey(container?.inode ?? 0n, version)])
    expect(session.cgroupNames(keys[0] ?? 0n)).toBeUndefined()
    expect(restricted.refusals.get('no copies of kernel memory')).toBeGreaterThan(0)
  })

  it.each([execsnoop, exitsnoop])('let $name have its best rung', (tool) => {
    const { session } = openTool<Session<unknown>, object>(tool as AnyTool, {
      someCgroups: true,
      fails: true,
    })
    made.push(session)
    expect(session.placement.rung).toBe('tp_btf')
    expect(session.cgroupNamesMissing).toBe('a kernel booted without lockdown=confidentiality')
  })
})

/** As a kernel without BTF. */
const NO_BTF = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /sys/kernel/btf && exec "$0" "$@"']

describeKernelIf(HERE)('cgroups on a kernel without BTF', () => {
  it('have no names, and are told by where they are of version 2', () => {
    const [, pod, container] = nested(V2, 'pod', hex())
    const told = runBuilt<Record<string, unknown>>(
      `
      const { writeFileSync, statSync } = await import('node:fs')
      const { connect } = await import('node:net')
      const { once } = await import('node:events')
      const hivetap = new URL('../../hivetap/dist/', 'file://' + dist).href
      const { openTool } = await import(hivetap + 'probes/open-tool.js')
      const { openCgroupChanges } = await import(hivetap + 'probes/cgroups/cgroup-changes.js')
      const { tcpconnlat } = await import(hivetap + 'probes/tcpconnlat/tcpconnlat.js')
      const { execsnoop } = await import(hivetap + 'probes/execsnoop/execsnoop.js')
      const { exitsnoop } = await import(hivetap + 'probes/exitsnoop/exitsnoop.js')
      const [pod, container] = ${JSON.stringify([pod?.path, container?.path])}
      const message = (run) => { try { run(); return '' } catch (error) { return error.message } }
      writeFileSync(container + '/cgroup.procs', String(process.pid))
      for (const tool of [execsnoop, exitsnoop]) openTool(tool, { someCgroups: true }).session.close()
      const { session } = openTool(tcpconnlat, { failed: true, someCgroups: true })
      const one = () => once(connect(1, '127.0.0.1'), 'error')
      const ofPod = statSync(pod, { bigint: true }).ino
      const ofContainer = statSync(container, { bigint: true }).ino
      session.wantCgroup(ofPod)
      await one().catch(() => {})
      session.wantCgroup(ofContainer)
      await one().catch(() => {})
      const keys = []
      session.events.drain((event) => { if (event.pid === process.pid) keys.push(event.cgroupKey === ofContainer) })
      answer({
        rung: session.placement.rung,
        missing: session.cgroupNamesMissing,
        keys,
        names: session.cgroupNames(ofContainer) ?? null,
        v1: message(() => session.wantCgroup(1n << 63n | 5n)),
        changes: message(() => openCgroupChanges()),
      })
      session.close()
      `,
      { prefix: NO_BTF },
    )
    expect(told).toEqual([
      {
        rung: 'tracepoint',
        missing: 'tp_btf or raw_tp, on a kernel with BTF',
        keys: [true],
        names: null,
        v1: 'Cannot tell by a cgroup of version 1: that of a process cannot be read here',
        changes: 'Cannot tell of cgroups as they come and go: the kernel has no BTF',
      },
    ])
  })
})
