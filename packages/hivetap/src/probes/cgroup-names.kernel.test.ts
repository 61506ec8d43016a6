import { spawn, spawnSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openKernelBtf } from '@hivetap/bpf'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canMakeCgroups, cgroup1Mount, cgroup2Mount, TestCgroup } from '../../../../test/support/cgroup.js'
import { Client } from '../../../../test/support/client.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { nextEvent } from '../../../../test/support/next-event.js'
import { cgroupKey } from './cgroup-key.js'
import type { ConnectEvent } from './connects/connect-event.js'
import { execsnoop } from './execsnoop/execsnoop.js'
import { exitsnoop } from './exitsnoop/exitsnoop.js'
import { openTool } from './open-tool.js'
import { openTrace } from './open-trace.js'
import { tcpconnlat } from './tcpconnlat/tcpconnlat.js'
import { type AnyTool, RUNGS, type Rung, type Session } from './tool.js'

const V1 = cgroup1Mount('memory')
const V2 = cgroup2Mount()
const ROW = fileURLToPath(new URL('../../../../test/support/connects-in-a-row.sh', import.meta.url))
/** Nobody listens on it, so that each connect is refused. */
const NOWHERE = { address: '127.0.0.1', port: 1 }
/** Events of other processes are passed over. */
const PODS = 'kubepods'

interface Keyed {
  readonly pid: number
  readonly cgroupKey: bigint
}

const made: { close(): void }[] = []
let client: Client
let pid: number

beforeEach(async () => {
  client = new Client()
  pid = (await client.who()).pid
})

afterEach(() => {
  for (const each of made.splice(0).reverse()) each.close()
})

function open<E = Keyed>(tool: AnyTool, options: object = {}, rung: Rung = 'tp_btf'): Session<E> {
  const { session } = openTool(tool, { ...options }, { rung })
  made.push(session)
  return session as Session<E>
}

/** Cgroups within each other; the client, stopped first, may be put into them. */
function nested(mount: string, ...names: readonly string[]): TestCgroup[] {
  const top = TestCgroup.createIn(mount)
  const all = [top, ...top.nested(...names)]
  made.push({
    close: () => {
      for (const group of all.reverse()) group.close()
    },
  })
  made.push({ close: () => client.stop() })
  return all
}

async function connected(session: Session<Keyed>): Promise<Keyed> {
  await client.connect(NOWHERE)
  return nextEvent(session, pid)
}

const top = () => `hivetap-test-${process.pid}`
const hex = () => randomBytes(32).toString('hex')

describeKernelIf(openKernelBtf() !== undefined && canMakeCgroups(V1) && canMakeCgroups(V2))(
  'names of cgroups',
  () => {
    const [v1, v2] = [V1 ?? '', V2 ?? '']

    describe.each(RUNGS)('by %s', (rung) => {
      it('are there for a connect, of version 1', async () => {
        const names = [PODS, 'burstable', `pod${randomUUID()}`, hex()]
        const leaf = nested(v1, ...names).at(-1) as TestCgroup
        const session = open(tcpconnlat, { failed: true, pid }, rung)
        leaf.add(pid)
        const event = await connected(session)
        expect(event.cgroupKey).toBe(cgroupKey(leaf.inode, 1))
        expect(session.cgroupNames(event.cgroupKey)).toEqual([...names].reverse().concat(top()))
        expect([session.cgroupNamesMissing, session.cgroupNamesUnkept()]).toEqual([undefined, 0])
      })

      it('are there for a connect, of version 2', async () => {
        const uid = randomUUID().replaceAll('-', '_')
        const names = [
          'kubepods.slice',
          'kubepods-burstable.slice',
          `kubepods-burstable-pod${uid}.slice`,
          `cri-containerd-${hex()}.scope`,
        ]
        const leaf = nested(v2, ...names).at(-1) as TestCgroup
        const session = open(tcpconnlat, { failed: true, pid }, rung)
        leaf.add(pid)
        const event = await connected(session)
        expect(event.cgroupKey).toBe(cgroupKey(leaf.inode, 2))
        expect(session.cgroupNames(event.cgroupKey)).toEqual([...names].reverse().concat(top()))
      })

      it('are there for an exec, a failed one, and an end', async () => {
        const leaf = nested(v1, PODS, hex()).at(-1) as TestCgroup
        const execs = open(execsnoop, { fails: true }, rung)
        const ends = open(exitsnoop, {}, rung)
        const run = `echo $$ > ${join(leaf.path, 'cgroup.procs')}; exec /nowhere/to/be/found`
        const { pid: ran } = spawnSync('bash', ['-c', run])
        const key = cgroupKey(leaf.inode, 1)
        const moved = async (session: Session<Keyed>) => {
          const event = await nextEvent(session, ran, ({ cgroupKey: of }) => of === key)
          return session.cgroupNames(event.cgroupKey)
        }
        const expected = [leaf.path.split('/').at(-1), PODS, top()]
        expect(await moved(execs)).toEqual(expected)
        expect(await moved(ends)).toEqual(expected)
      })
    })

    it('are of the deeper cgroup where both versions have one, and of version 1 where they are as deep', async () => {
      const deep1 = nested(v1, 'docker', hex())
      const deep2 = nested(v2, 'a', 'b', 'c')
      const session = open(tcpconnlat, { failed: true, pid })
      const seen = async (one: TestCgroup | undefined, other: TestCgroup | undefined) => {
        one?.add(pid)
        other?.add(pid)
        return (await connected(session)).cgroupKey
      }
      expect(await seen(deep1[2], deep2[1])).toBe(cgroupKey(deep1[2]?.inode ?? 0n, 1))
      expect(await seen(deep1[2], deep2[2])).toBe(cgroupKey(deep1[2]?.inode ?? 0n, 1))
      expect(await seen(deep1[2], deep2[3])).toBe(cgroupKey(deep2[3]?.inode ?? 0n, 2))
    })

    it('of the root are none', async () => {
      const roots = [new TestRoot(v1), new TestRoot(v2)]
      for (const root of roots) root.add(pid)
      const session = open(tcpconnlat, { failed: true, pid })
      const event = await connected(session)
      client.stop()
      expect(event.cgroupKey).toBe(cgroupKey(roots[1]?.inode ?? 0n, 2))
      expect(session.cgroupNames(event.cgroupKey)).toEqual([])
    })

    it('of what was never seen are not there', () => {
      const session = open(tcpconnlat, { pid })
      client.stop()
      expect(session.cgroupNames(1n << 62n)).toBeUndefined()
    })

    it.each([
      ['95 bytes', 'x'.repeat(95), 'x'.repeat(95)],
      ['96 bytes', 'y'.repeat(96), `${'y'.repeat(95)}…`],
      ['as many bytes as there may be', 'z'.repeat(255), `${'z'.repeat(95)}…`],
      ['a character at the end of what fits', `${'w'.repeat(94)}ü`, `${'w'.repeat(94)}…`],
      ['characters that are no ASCII', 'ж'.repeat(40), 'ж'.repeat(40)],
    ])('are whole, or cut and marked: %s', async (_, name, told) => {
      const leaf = nested(v2, name, 'inner').at(-1) as TestCgroup
      leaf.add(pid)
      const session = open(tcpconnlat, { failed: true, pid })
      const event = await connected(session)
      expect(session.cgroupNames(event.cgroupKey)).toEqual(['inner', told, top()])
    })

    it('are of five levels, the innermost', async () => {
      const leaf = nested(v2, 'a', 'b', 'c', 'd', 'e', 'f').at(-1) as TestCgroup
      leaf.add(pid)
      const session = open(tcpconnlat, { failed: true, pid })
      const event = await connected(session)
      expect(session.cgroupNames(event.cgroupKey)).toEqual(['f', 'e', 'd', 'c', 'b'])
    })

    it('are there of each tool that shares a buffer', async () => {
      const leaf = nested(v1, PODS, hex()).at(-1) as TestCgroup
      const trace = openTrace(
        [
          { tool: exitsnoop, options: {} },
          { tool: tcpconnlat, options: { failed: true, pid } },
        ],
        {},
      )
      made.push(trace)
      leaf.add(pid)
      await client.connect(NOWHERE)
      let names: readonly string[] | undefined
      while (names === undefined) {
        trace.records.drain(({ toolIndex, event }) => {
          const { pid: of, cgroupKey: key } = event as Keyed
          if (of === pid && toolIndex === 1) names = trace.opened[toolIndex]?.session.cgroupNames(key)
        })
        if (names === undefined) await trace.records.wait()
      }
      expect(names).toEqual([leaf.path.split('/').at(-1), PODS, top()])
    })

    it('of a thousand processes in a row, each a few milliseconds in a cgroup of its own, are all there', async () => {
      client.stop()
      const root = TestCgroup.createIn(v1)
      const pods = root.within(PODS)
      made.push(root, pods)
      const leaves = Array.from({ length: 1000 }, () => `pod${randomUUID()}-${hex().slice(0, 32)}`)
      const session = open<ConnectEvent>(tcpconnlat, { failed: true })
      const row = spawn(ROW, [pods.path, '1'], { stdio: ['pipe', 'ignore', 'inherit'] })
      row.stdin.end(`${leaves.join('\n')}\n`)
      const ended = once(row, 'exit')
      const found: (readonly string[] | undefined)[] = []
      const keys: bigint[] = []
      const look = () =>
        session.events.drain(({ cgroupKey: key, comm }) => {
          if (comm !== 'connects-in-a-r') return
          keys.push(key)
          found.push(session.cgroupNames(key))
        })
      const stop = new AbortController()
      void ended.then(() => stop.abort())
      while (!stop.signal.aborted) {
        await session.events.wait({ signal: stop.signal })
        look()
      }
      while (look() > 0);
      expect(await ended).toEqual([0, null])
      expect(found.map((names) => names?.[0])).toEqual(leaves)
      expect(new Set(found.map((names) => names?.slice(1).join(' ')))).toEqual(new Set([`${PODS} ${top()}`]))
      expect(session.cgroupNamesUnkept()).toBe(0)
      // The map holds a thousand and 24: others of this host are in it too.
      const kept = new Set(keys).size
      expect(kept).toBe(1000)
      // More than it holds: the last are there, and never more than there is room for.
      const more = Array.from({ length: 600 }, () => `more-${hex()}`)
      const again = spawn(ROW, [pods.path, '1'], { stdio: ['pipe', 'ignore', 'inherit'] })
      again.stdin.end(`${more.join('\n')}\n`)
      await once(again, 'exit')
      while (look() > 0);
      expect(found.slice(-100).map((names) => names?.[0])).toEqual(more.slice(-100))
      const still = [...new Set(keys)].filter((key) => session.cgroupNames(key) !== undefined)
      expect(still.length).toBeGreaterThan(500)
      expect(still.length).toBeLessThanOrEqual(1024)
    }, 120_000)
  },
)

/** The cgroup that is not in another one: nobody makes or removes it. */
class TestRoot {
  readonly #inner: Pick<TestCgroup, 'add' | 'inode'>

  constructor(path: string) {
    this.#inner = Object.assign(Object.create(TestCgroup.prototype), { path })
  }

  get inode(): bigint {
    return this.#inner.inode
  }

  add(process: number): void {
    this.#inner.add(process)
  }
}
