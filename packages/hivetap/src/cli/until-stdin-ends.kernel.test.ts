import { afterEach, beforeEach, expect, it } from 'vitest'
import { Client } from '../../../../test/support/client.js'
import { Hivetap } from '../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../test/support/kernel.js'

const ORDERLY = { code: 0, signal: null }

let client: Client
const runs: Hivetap[] = []

beforeEach(() => {
  client = new Client()
})

afterEach(async () => {
  client.stop()
  for (const run of runs.splice(0)) await run.kill()
})

function start(
  args: readonly string[],
  options: { stdin?: 'pipe'; prefix?: readonly string[] } = {},
): Hivetap {
  const run = new Hivetap(args, options)
  runs.push(run)
  return run
}

async function follow(...args: readonly string[]): Promise<Hivetap> {
  const { pid } = await client.who()
  return start(['tcpconnlat', '-p', String(pid), '-v', '--until-stdin-ends', ...args], {
    stdin: 'pipe',
  }).attached()
}

async function connect(times: number): Promise<void> {
  const listener = await client.listen('127.0.0.1')
  for (let count = 0; count < times; count++) await client.close((await client.connect(listener)).fd)
  await client.close(listener.fd)
}

describeKernel('--until-stdin-ends', () => {
  it('ends a run in order, with its account, once whoever writes to it is gone; what is written is thrown away', async () => {
    const run = await follow('-o', 'json', '--stats')
    run.child.stdin?.write(`${'x'.repeat(100_000)}\n`)
    await connect(3)
    await run.until(({ lines }) => lines.length === 3, 'three events')
    expect(run.hasEnded).toBe(false)
    run.child.stdin?.end()
    expect(await run.ended()).toEqual(ORDERLY)
    expect(run.ledgers).toMatchObject([{ ended: true, delivered: 3 }])
  })

  it('ends a run of several tools', async () => {
    const run = start(['trace', 'tcpconnlat,execsnoop', '-p', '1', '-v', '--until-stdin-ends'], {
      stdin: 'pipe',
    })
    await run.attached()
    run.child.stdin?.end()
    expect(await run.ended()).toEqual(ORDERLY)
  })

  it.each([
    { name: 'there is nothing to be read', prefix: [] },
    { name: 'it is closed', prefix: ['sh', '-c', 'exec "$0" "$@" <&-'] },
    { name: 'it is a file', prefix: ['sh', '-c', 'exec "$0" "$@" </etc/hostname'] },
  ])('ends at once where $name', async ({ prefix }) => {
    const run = start(['tcpconnlat', '-p', '1', '--stats', '--until-stdin-ends'], { prefix })
    expect(await run.ended()).toEqual(ORDERLY)
    expect(run.stderr).toContain('0 connects')
  })

  it('does not keep a run that ends by itself, or by a signal', async () => {
    const run = await follow('--duration', '0.2')
    expect(await run.ended()).toEqual(ORDERLY)
    const other = await follow()
    expect(await other.end('SIGTERM')).toEqual(ORDERLY)
  })
})

describeKernel('-o rows', () => {
  it('tells each event with the row that the table has, after the names of its columns', async () => {
    const run = await follow('-o', 'rows', '-t', '-w')
    await connect(2)
    await run.until(({ lines }) => lines.length === 3, 'the head and two rows')
    run.child.stdin?.end()
    await run.ended()
    const [head, ...rows] = run.lines.map((line) => JSON.parse(line) as Record<string, string>)
    expect(head?.['clocks']).toEqual(['since_first'])
    expect(head?.['head']).toMatch(/^PID +COMM +IP SADDR .* LAT\(ms\) +OUTCOME/)
    for (const event of rows)
      expect(event['row']?.split(/ +/).slice(0, 4)).toEqual([
        String(event['pid']),
        event['comm'],
        '4',
        event['source_address'],
      ])
  })

  it('tells counts with their rows, and those of several tools with the heads of all', async () => {
    const { pid } = await client.who()
    const counting = start(
      ['tcpconnect', '-c', '-p', String(pid), '-v', '--until-stdin-ends', '-o', 'rows'],
      {
        stdin: 'pipe',
      },
    )
    await counting.attached()
    await connect(4)
    counting.child.stdin?.end()
    await counting.ended()
    const [head, counted] = counting.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(head?.['head']).toMatch(/CONNECTS/)
    expect(counted).toMatchObject({ connects: 4, weight: 4 })
    expect(counted?.['row']).toMatch(/4$/)

    const several = start(
      ['trace', 'tcpconnlat,execsnoop', '-p', String(pid), '-v', '--until-stdin-ends', '-o', 'rows'],
      {
        stdin: 'pipe',
      },
    )
    await several.attached()
    await connect(1)
    await several.until(({ lines }) => lines.length === 3, 'two heads and a row')
    several.child.stdin?.end()
    await several.ended()
    expect(several.lines.map((line) => (JSON.parse(line) as Record<string, string>)['tool'])).toEqual([
      'tcpconnlat',
      'execsnoop',
      'tcpconnlat',
    ])
  })
})
