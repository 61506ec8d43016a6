import { join } from 'node:path'
import { openKernelBtf } from '@hivetap/bpf'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bpffs, canMountBpffs, mountedBpffs } from '../../../../test/support/bpffs.js'
import { canMakeCgroups, cgroup1Mount, TestCgroup } from '../../../../test/support/cgroup.js'
import { Client } from '../../../../test/support/client.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import {
  expectNothingLeft,
  type KernelState,
  kernelState,
} from '../../../../test/support/kernel-leftovers.js'
import { cgroupKey } from '../probes/cgroup-key.js'
import type { ConnectEvent } from '../probes/connects/connect-event.js'
import { tcpconnlat } from '../probes/tcpconnlat/tcpconnlat.js'
import { openPinned } from './open-pinned.js'
import type { PinnedRun } from './pinned-run.js'
import { removePins } from './remove-run.js'

const V1 = cgroup1Mount('memory')
const NOWHERE = { address: '127.0.0.1', port: 1 }
const TOP = `hivetap-test-${process.pid}`

const opened: { close(): void }[] = []
let bpffs: Bpffs
let directory: string
let client: Client
let pid: number
let before: KernelState

function open(options: object): PinnedRun {
  const run = openPinned([{ tool: tcpconnlat, options: { failed: true, pid, ...options } }], {
    ...{ directory, version: 'test', bufferBytes: 1 << 20 },
  })
  opened.push(run)
  return run
}

/** The names of the cgroups that events are of, which nobody has read yet. */
function namesOf(run: PinnedRun): (readonly string[] | undefined)[] {
  const found: (readonly string[] | undefined)[] = []
  const take = ({ event, toolIndex }: { event: unknown; toolIndex: number }) =>
    found.push(run.tools[toolIndex]?.names?.cgroupNames((event as ConnectEvent).cgroupKey))
  while (run.read(take) > 0);
  run.release(run.position)
  return found
}

describeKernelIf(canMountBpffs() && openKernelBtf() !== undefined && canMakeCgroups(V1))(
  'cgroups of pinned tools',
  () => {
    beforeEach(async () => {
      bpffs = mountedBpffs()
      directory = join(bpffs.path, 'hivetap')
      client = new Client()
      pid = (await client.who()).pid
      before = kernelState()
    })
    afterEach(async () => {
      for (const each of opened.splice(0).reverse()) each.close()
      removePins(directory)
      client.stop()
      bpffs.close()
      await expectNothingLeft(before)
    })

    it('have their names in the next process, also when they and their processes are gone', async () => {
      const first = open({})
      expect(first.state).toBe('new')
      const group = TestCgroup.createIn(V1 ?? '')
      const inner = group.within('inner')
      inner.add(pid)
      await client.connect(NOWHERE)
      client.stop()
      inner.close()
      group.close()
      first.close()
      const second = open({})
      expect(second.state).toBe('adopted')
      expect(namesOf(second)).toEqual([['inner', TOP]])
      expect(second.tools[0]?.names?.cgroupNamesMissing).toBeUndefined()
      expect(second.tools[0]?.names?.cgroupNamesUnkept()).toBe(0)
      second.close()
      // One that is to be ended, since another was asked for, tells them as well.
      const third = open({ minLatencyUs: 5 })
      expect(third.state).toBe('retired')
      expect(third.tools[0]?.names?.cgroupNames(1n << 62n)).toBeUndefined()
      await third.detach()
      third.remove()
    })

    it('that are wanted stay wanted, until the next process says otherwise', async () => {
      const group = TestCgroup.createIn(V1 ?? '')
      const key = cgroupKey(group.inode, 1)
      const first = open({ someCgroups: true })
      await client.connect(NOWHERE)
      group.add(pid)
      await client.connect(NOWHERE)
      first.tools[0]?.names?.wantCgroup(key)
      await client.connect(NOWHERE)
      first.close()
      await client.connect(NOWHERE)
      const second = open({ someCgroups: true })
      expect(second.state).toBe('adopted')
      expect(namesOf(second)).toEqual([[TOP], [TOP]])
      expect(second.tools[0]?.names?.wantedCgroups()).toEqual([key])
      second.tools[0]?.names?.forgetCgroup(key)
      await client.connect(NOWHERE)
      expect(namesOf(second)).toEqual([])
      await second.detach()
      second.remove()
      client.stop()
      group.close()
    })

    describe('whose events user space leaves out, by what it knows then', () => {
      const options = { someCgroups: true, otherCgroups: 'told' } as const
      /** Leaves out each other event. */
      const readSome = (run: PinnedRun): number => {
        let asked = 0
        let taken = 0
        run.filter(0, () => ++asked % 2 === 0)
        while (run.read(() => taken++) > 0);
        return taken
      }
      const toldOf = (run: PinnedRun) => {
        const [balance] = run.balances()
        const { produced = 0, filtered = 0, delivered, inFlight } = balance ?? {}
        return { told: produced - filtered, delivered, inFlight }
      }

      it('have the same account after a kill behind the spool, though the next would tell them', async () => {
        const first = open(options)
        for (let i = 0; i < 6; i++) await client.connect(NOWHERE)
        expect(readSome(first)).toBe(3)
        first.intend(first.position)
        const { position } = first
        // The spool has them; their room was not given back.
        first.close()
        const second = open(options)
        second.filter(0, () => true)
        expect(second.resume(position)).toBe(3)
        expect(toldOf(second)).toEqual({ told: 3, delivered: 3, inFlight: 0 })
        await client.connect(NOWHERE)
        expect(namesOf(second)).toHaveLength(1)
        expect(toldOf(second)).toEqual({ told: 4, delivered: 4, inFlight: 0 })
        await second.detach()
        second.remove()
      })

      it('are read again, and judged anew, after a kill before the spool', async () => {
        const first = open(options)
        for (let i = 0; i < 6; i++) await client.connect(NOWHERE)
        const { position } = first
        expect(readSome(first)).toBe(3)
        first.intend(first.position)
        first.close()
        const second = open(options)
        expect(second.resume(position)).toBe(0)
        second.filter(0, () => true)
        expect(namesOf(second)).toHaveLength(6)
        expect(toldOf(second)).toEqual({ told: 6, delivered: 6, inFlight: 0 })
        await second.detach()
        second.remove()
      })
    })
  },
)
