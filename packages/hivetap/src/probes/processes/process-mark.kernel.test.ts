import { type ChildProcess, spawn } from 'node:child_process'
import { openKernelBtf } from '@hivetap/bpf'
import { afterEach, describe, expect, it } from 'vitest'
import { Client } from '../../../../../test/support/client.js'
import { describeKernelIf } from '../../../../../test/support/kernel-if.js'
import { nextEvent } from '../../../../../test/support/next-event.js'
import { procStat } from '../../../../../test/support/proc-stat.js'
import { endProcess } from '../../../../../test/support/same-pid.js'
import type { ConnectEvent } from '../connects/connect-event.js'
import { openTool } from '../open-tool.js'
import { tcpconnect } from '../tcpconnect/tcpconnect.js'
import { tcpconnlat } from '../tcpconnlat/tcpconnlat.js'
import { type AnyTool, RUNGS, type Rung, type Session } from '../tool.js'

/** Nobody listens there. */
const NOWHERE = { address: '127.0.0.1', port: 1 }
const TICK_NS = 1e7

const made: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of made.splice(0).reverse()) await one.close()
})

function open(tool: AnyTool, rung: Rung): Session<ConnectEvent> {
  const { session } = openTool(tool, { failed: true }, { rung })
  made.push(session)
  return session as Session<ConnectEvent>
}

function start(command: string, args: readonly string[]): ChildProcess & { readonly pid: number } {
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'inherit'] })
  made.push({ close: () => endProcess(child) })
  return Object.assign(child, { pid: child.pid ?? 0 })
}

/** As the event has it, in the units of /proc. */
const marks = ({ processStartNs, argumentsAt }: ConnectEvent) => ({
  startTicks: Math.floor(processStartNs / TICK_NS),
  argumentsAt,
})

describeKernelIf(openKernelBtf() !== undefined)('what tells a process from others', () => {
  describe.each(RUNGS)('by %s', (rung) => {
    it.each([tcpconnlat, tcpconnect])('is what /proc says of it: $name', async (tool) => {
      const client = new Client()
      made.push({ close: () => client.stop() })
      const { pid } = await client.who()
      const session = open(tool, rung)
      const listener = await client.listen('127.0.0.1')
      await client.connect(tool === tcpconnlat ? NOWHERE : listener)
      const event = await nextEvent(session, pid)
      expect(event.argumentsAt).toBeGreaterThan(0)
      expect(marks(event)).toEqual(procStat(pid))
    })

    it('is of the process, where another thread connects', async () => {
      const session = open(tcpconnlat, rung)
      const text = `require('net').connect(${NOWHERE.port}, '${NOWHERE.address}').on('error', () => {})`
      // Long enough behind the process that its own start is another tick.
      const child = start(process.execPath, [
        '-e',
        `setTimeout(() => new (require('worker_threads').Worker)(${JSON.stringify(text)}, { eval: true }), 100)
         setInterval(() => {}, 1000)`,
      ])
      const event = await nextEvent(session, child.pid)
      expect(event.tid).not.toBe(event.pid)
      expect(marks(event)).toEqual(procStat(child.pid))
    })

    it('is another program’s after an exec, and the same process’s', async () => {
      const session = open(tcpconnlat, rung)
      const connect = 'exec 3<>/dev/tcp/127.0.0.1/1'
      const child = start('bash', [
        '-c',
        `{ ${connect}; } 2> /dev/null
         read
         exec bash -c '{ ${connect}; } 2> /dev/null; read a longer line'`,
      ])
      const before = await nextEvent(session, child.pid)
      expect(marks(before)).toEqual(procStat(child.pid))
      child.stdin?.write('\n')
      const after = await nextEvent(session, child.pid)
      expect(marks(after)).toEqual(procStat(child.pid))
      expect(after.processStartNs).toBe(before.processStartNs)
      expect(after.argumentsAt).not.toBe(before.argumentsAt)
      expect(after.comm).toBe(before.comm)
    })
  })
})
