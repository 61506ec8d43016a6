import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Client } from '../../../../test/support/client.js'
import { hasCommand } from '../../../../test/support/commands.js'
import { events, Hivetap, type JsonEvent, WITHOUT_BTF } from '../../../../test/support/hivetap.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { BUFFERS } from '../probes/tool.js'

const NOBODY = { address: '127.0.0.1', port: 1 }
/** All that the test does it does as a user of its own, by whom it is told from other work on the machine. */
const USER = '10004'
const AS_USER = ['setpriv', '--reuid', USER, '--regid', USER, '--clear-groups']
const ONLY_USER = ['-u', USER]

let client: Client
const runs: Hivetap[] = []

beforeEach(() => {
  client = new Client(AS_USER)
})

afterEach(async () => {
  client.stop()
  for (const run of runs.splice(0)) await run.kill()
})

async function trace(
  tools: string,
  args: readonly string[],
  prefix: readonly string[] = [],
): Promise<Hivetap> {
  const run = new Hivetap(['trace', tools, '-v', ...ONLY_USER, ...args], { prefix })
  runs.push(run)
  return run.attached()
}

/** Runs a program of the test's own, and gives its pid. */
function startProgram(): number {
  const [command = '', ...args] = [...AS_USER, 'sh', '-c', 'echo $$']
  return Number(execFileSync(command, args, { encoding: 'utf8' }))
}

/** Of an event, what tells it from those of others. */
const essence = ({ tool, pid, outcome, filename }: JsonEvent) => ({
  tool,
  pid,
  ...(tool === 'execsnoop' ? { filename } : { outcome }),
})

for (const buffer of BUFFERS) {
  describeKernelIf(hasCommand('setpriv'))(`several tools through one ${buffer}`, () => {
    it('tell all that happened, in the order in which it did, under names without holes', async () => {
      const { pid } = await client.who()
      const run = await trace('tcpconnlat,execsnoop,tcpconnect', [
        '-o',
        'json',
        '--stats',
        '--buffer',
        buffer,
      ])
      const listener = await client.listen('127.0.0.1')
      const expected: object[] = []
      for (let round = 0; round < 5; round++) {
        await client.connect(listener)
        // Which of two programs on one tracepoint runs first is the kernel's choice.
        expected.push(
          { tool: 'connects', pid, outcome: 'connected' },
          { tool: 'connects', pid, outcome: 'connected' },
        )
        const program = startProgram()
        expected.push({ tool: 'execsnoop', pid: program, filename: expect.stringMatching(/\/sh$/) })
      }
      await run.until(({ lines }) => lines.length >= expected.length, 'all events')
      expect(await run.end()).toEqual({ code: 0, signal: null })

      const own = events(run).map(essence)
      expect(
        own.map((event) => (event.tool === 'execsnoop' ? event : { ...event, tool: 'connects' })),
      ).toEqual(expected)
      const count = (tool: string) => own.filter((event) => event.tool === tool).length
      expect({ tcpconnlat: count('tcpconnlat'), tcpconnect: count('tcpconnect') }).toEqual({
        tcpconnlat: 5,
        tcpconnect: 5,
      })
      const times = events(run).map(({ time }) => String(time))
      expect(times).toEqual([...times].sort())
      const ids = [...run.stdout.matchAll(/"event_id":"([0-9a-f-]{36})-(\d+)"/g)]
      expect(new Set(ids.map(([, epoch]) => epoch)).size).toBe(1)
      expect(ids.map(([, , sequence]) => Number(sequence))).toEqual(ids.map((_, index) => index))
    })

    it('have an account each, which add up to what was told', async () => {
      const args = ['-o', 'json', '--stats', '--buffer', buffer]
      const run = await trace('tcpconnlat,execsnoop,tcpconnect', args)
      const made = await client.storm(NOBODY, 20_000)
      expect(await run.end()).toEqual({ code: 0, signal: null })
      expect(run.ledgers.map(({ tool }) => tool)).toEqual(['tcpconnlat', 'execsnoop', 'tcpconnect'])
      const counts = run.ledgers.map((ledger) => {
        const number = (name: string) => Number(ledger[name])
        const dropped = Object.values(ledger['dropped'] as Record<string, number>)
        const lost = dropped.reduce((sum, count) => sum + count, 0)
        expect(number('delivered') + number('filtered') + number('in_flight') + lost).toBe(number('produced'))
        return { own: number('produced') - number('filtered'), delivered: number('delivered') }
      })
      // tcpconnlat leaves failed connects out; tcpconnect tells them.
      expect(counts.map(({ own }) => own)).toEqual([0, 0, made])
      expect(run.lines).toHaveLength(counts.reduce((sum, { delivered }) => sum + delivered, 0))
    })
  })
}

describeKernelIf(hasCommand('setpriv'))('hivetap trace', () => {
  it('tells them on a kernel without BTF', async () => {
    const run = await trace('tcpconnect,execsnoop', ['-o', 'json'], WITHOUT_BTF)
    const { pid } = await client.who()
    const listener = await client.listen('127.0.0.1')
    await client.connect(listener)
    const program = startProgram()
    await run.until(({ lines }) => lines.length >= 2, 'both')
    expect(await run.end()).toEqual({ code: 0, signal: null })
    expect(events(run)).toMatchObject([
      { tool: 'tcpconnect', pid },
      { tool: 'execsnoop', pid: program },
    ])
  })

  it('prints rows of each tool, with its name before them', async () => {
    const { pid } = await client.who()
    const run = await trace('tcpconnect,tcpconnlat', [])
    const listener = await client.listen('127.0.0.1')
    await client.connect(listener)
    await run.until(({ lines }) => lines.length >= 4, 'two heads and two rows')
    expect(await run.end()).toEqual({ code: 0, signal: null })
    expect(run.lines.slice(0, 2)).toEqual([
      expect.stringMatching(/^TIME {5}tcpconnect PID /),
      expect.stringMatching(/^TIME {5}tcpconnlat PID /),
    ])
    for (const line of run.lines.slice(2))
      expect(line).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d tcpconn(ect|lat) ${pid} .* ${listener.port}\\b`))
  })

  it('says which tools there are, for one that there is not', async () => {
    const run = new Hivetap(['trace', 'tcpconnlat,nosuch'])
    runs.push(run)
    expect(await run.ended()).toEqual({ code: 2, signal: null })
    expect(run.stderr).toMatch(/^hivetap: .*there is no tool "nosuch"; there are .*tcpconnlat.*\n$/)
  })
})
