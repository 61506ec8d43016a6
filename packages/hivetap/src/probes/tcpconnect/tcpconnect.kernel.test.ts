import { afterEach, beforeEach, expect, it } from 'vitest'
import { Client, type Connected, canonical, type EndPoint } from '../../../../../test/support/client.js'
import { hasCommand } from '../../../../../test/support/commands.js'
import { events, Hivetap, WITHOUT_BTF } from '../../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../../test/support/kernel.js'
import { describeKernelIf } from '../../../../../test/support/kernel-if.js'
import { printf } from '../../../../../test/support/printf.js'
import { toldBalance } from '../../../../../test/support/told-balance.js'
import { BUFFERS, RUNGS } from '../tool.js'

/** A port on loopback where nobody listens. */
const NOBODY = 1
const ANOTHER_USER = 10_001

const clients: Client[] = []
const runs: Hivetap[] = []
let client: Client

beforeEach(() => {
  client = startClient()
})

afterEach(async () => {
  for (const one of clients.splice(0)) one.stop()
  for (const run of runs.splice(0)) await run.kill()
})

function startClient(prefix: readonly string[] = []): Client {
  const started = new Client(prefix)
  clients.push(started)
  return started
}

/** Starts tcpconnect, on the client's process alone unless told otherwise. */
async function trace(
  args: readonly string[],
  options: ConstructorParameters<typeof Hivetap>[1] = {},
): Promise<Hivetap> {
  const only = args.includes('-u') ? [] : ['-p', String((await client.who()).pid)]
  const run = new Hivetap(['tcpconnect', ...only, '-v', '--stats', ...args], options)
  runs.push(run)
  return run.attached()
}

/** Waits for so many lines, ends the run in order, and gives all of them. */
async function linesOf(run: Hivetap, count: number): Promise<string[]> {
  await run.until(({ lines }) => lines.length >= count, `${count} lines`)
  expect(await run.end()).toEqual({ code: 0, signal: null })
  return run.lines
}

/** What an event must say of a connect: as the client's own socket has it. */
function seenBy({ local }: Connected, remote: EndPoint, version: number): object {
  return {
    ip_version: version,
    source_address: canonical(local.address),
    source_port: local.port,
    destination_address: canonical(remote.address),
    destination_port: remote.port,
  }
}

const ADDRESSES = [
  { address: '127.0.0.1', version: 4 },
  { address: '::1', version: 6 },
  { address: '::ffff:127.0.0.1', version: 6 },
] as const

/** Connects one that is answered and one that is refused, on each kind of address; what the events must say. */
async function connectEverywhere(): Promise<object[]> {
  const { pid, uid, comm } = await client.who()
  const expected: object[] = []
  for (const { address, version } of ADDRESSES) {
    const who = { tool: 'tcpconnect', pid, tid: pid, uid, comm }
    const listener = await client.listen(address)
    const good = await client.connect(listener)
    expected.push({ ...who, ...seenBy(good, listener, version), outcome: 'connected' })
    const nobody = { address, port: NOBODY }
    const refused = await client.connect(nobody)
    expect(refused.errno).toBe(111)
    expected.push({ ...who, ...seenBy(refused, nobody, version), outcome: 'refused', error: 'ECONNREFUSED' })
  }
  return expected
}

for (const rung of RUNGS) {
  for (const buffer of BUFFERS) {
    describeKernel(`tcpconnect by ${rung} through ${buffer}`, () => {
      it('tells connects and refused ones, as the sockets have them', async () => {
        const run = await trace(['-o', 'json', '--hook', rung, '--buffer', buffer])
        const expected = await connectEverywhere()
        await linesOf(run, expected.length)
        expect(events(run)).toMatchObject(expected)
        expect(run.lines).toHaveLength(expected.length)
        expect(toldBalance(run.stderr)).toMatchObject({ own: 6, told: 6, underWay: 0, lost: 0 })
      })
    })
  }
}

describeKernel('tcpconnect', () => {
  it('tells them on a kernel without BTF', async () => {
    const run = await trace(['-o', 'json'], { prefix: WITHOUT_BTF })
    const expected = await connectEverywhere()
    await linesOf(run, expected.length)
    expect(events(run)).toMatchObject(expected)
    expect(run.stderr).toContain('attached by tracepoint')
  })

  it.each(['nonblocking', 'blocking', 'io_uring'] as const)('tells a %s connect once', async (how) => {
    const listener = await client.listen('127.0.0.1')
    const run = await trace(['-o', 'json'])
    const made = await client.connect(listener, how)
    if (made.errno === undefined) return expect(how, 'this kernel has no io_uring').toBe('io_uring')
    await linesOf(run, 1)
    expect(events(run)).toMatchObject([seenBy(made, listener, 4)])
    return undefined
  })

  it.each([
    {
      args: [],
      columns: '%-6s %-16s %-2s %-16s %-16s %s',
      header: ['PID', 'COMM', 'IP', 'SADDR', 'DADDR', 'DPORT'],
    },
    {
      args: ['-s'],
      columns: '%-6s %-16s %-2s %-16s %-16s %-5s %s',
      header: ['PID', 'COMM', 'IP', 'SADDR', 'DADDR', 'SPORT', 'DPORT'],
    },
    {
      args: ['-U', '-t', '-s'],
      columns: '%-9s%-6s%-6s %-16s %-2s %-16s %-16s %-5s %s',
      header: ['TIME(s)', 'UID', 'PID', 'COMM', 'IP', 'SADDR', 'DADDR', 'SPORT', 'DPORT'],
    },
    {
      args: ['-w'],
      columns: '%-6s %-16s %-2s %-16s %-16s %-5s %-11s %s',
      header: ['PID', 'COMM', 'IP', 'SADDR', 'DADDR', 'DPORT', 'OUTCOME', 'ERROR'],
    },
  ])('prints the table that bcc prints: $args', async ({ args, columns, header }) => {
    const listener = await client.listen('127.0.0.1')
    const { pid, uid, comm } = await client.who()
    const run = await trace(args)
    const { local } = await client.connect(listener)
    const values: Readonly<Record<string, string | number>> = {
      'TIME(s)': '0.000',
      UID: uid,
      PID: pid,
      COMM: comm,
      IP: 4,
      SADDR: '127.0.0.1',
      DADDR: '127.0.0.1',
      SPORT: local.port,
      DPORT: listener.port,
      OUTCOME: 'connected',
      ERROR: '-',
    }
    expect(await linesOf(run, 2)).toEqual([
      printf(columns, ...header),
      printf(columns, ...header.map((name) => values[name] ?? '')),
    ])
  })

  it('leaves out other ports in the kernel, and says how many', async () => {
    const wanted = await client.listen('127.0.0.1')
    const other = await client.listen('127.0.0.1')
    const run = await trace(['-o', 'json', '-P', String(wanted.port)])
    await client.connect(other)
    const made = await client.connect(wanted)
    await linesOf(run, 1)
    expect(events(run)).toMatchObject([seenBy(made, wanted, 4)])
    // Other programs' connects are left out too: how many there were is not known.
    expect(run.stderr).toMatch(
      /^hivetap: \d+ connects: 1 told, [1-9]\d* left out by filters, 0 under way, 0 lost$/m,
    )
  })
})

describeKernelIf(hasCommand('setpriv'))('tcpconnect -u', () => {
  it('tells the connects of one user alone', async () => {
    const another = startClient([
      ...['setpriv', '--reuid', String(ANOTHER_USER), '--regid', String(ANOTHER_USER), '--clear-groups'],
    ])
    const listener = await client.listen('127.0.0.1')
    const run = await trace(['-o', 'json', '-u', String(ANOTHER_USER)])
    await client.connect(listener)
    const made = await another.connect(listener)
    await linesOf(run, 1)
    expect(events(run)).toMatchObject([{ uid: ANOTHER_USER, ...seenBy(made, listener, 4) }])
    expect(run.lines).toHaveLength(1)
  })
})
