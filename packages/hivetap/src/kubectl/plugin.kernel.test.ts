import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventLine, headLine, ledgerLine, recordTime, StandIn } from '../../../../test/support/stand-in.js'
import { openPipe } from '../../../../test/support/two-ends.js'

const ORDERLY = { code: 0, signal: null }

let cluster: StandIn

beforeEach(() => {
  cluster = new StandIn()
})

afterEach(() => cluster.close())

/** A node that tells of so many connects, and then its account. */
function telling(comms: readonly string[], at: readonly string[]) {
  const lines = comms.map((comm, index) => eventLine(comm, at[index] as string))
  return { lines: [headLine(), ...lines], next: 'wait', last: [ledgerLine(comms.length)] } as const
}

/** A node, or the cluster in front of it, that says why it does not run the tool. */
function ending(status: number, ...stderr: readonly string[]) {
  return { stderr, next: 'exit', status } as const
}

describe('what nodes tell', () => {
  it('stands in one table, by time, behind the names of the nodes; the account adds up', async () => {
    const [t1, t2, t3, t4] = [1, 2, 3, 4].map((count) => recordTime(count)) as [
      string,
      string,
      string,
      string,
    ]
    cluster.set({
      one: [{ ...telling(['a', 'd'], [t1, t4]), together: 2 }],
      'node-two': [{ ...telling(['b', 'c'], [t2, t3]), together: 2 }],
    })
    const run = cluster.run(['tcpconnlat'])
    await run.until(({ lines }) => lines.length === 5, 'four rows')
    expect(await run.end()).toEqual(ORDERLY)
    expect(run.lines).toEqual([
      'NODE     PID COMM',
      'one      1 a',
      'node-two 1 b',
      'node-two 1 c',
      'one      1 d',
    ])
    expect(run.stderr).toBe(
      'hivetap: 2 nodes: 4 connects: 4 told, 0 left out by filters, 0 under way, 0 lost\n',
    )
  })

  it('stands in one stream of JSON, with the node; accounts too where they are asked for', async () => {
    cluster.set({ one: [telling(['a'], [recordTime()])] })
    const run = cluster.run(['tcpconnlat', '-o', 'json', '--stats'])
    await run.until(({ lines }) => lines.length === 1, 'an event')
    expect(await run.end('SIGTERM')).toEqual(ORDERLY)
    expect(JSON.parse(run.lines[0] ?? '')).toEqual({
      version: 1,
      event_id: 'e-0',
      time: expect.any(String),
      host: 'h',
      tool: 'tcpconnlat',
      comm: 'a',
      node: 'one',
    })
    expect(run.ledgers).toMatchObject([{ node: 'one', delivered: 1 }])
  })

  it('is lost there, and said so, with the reason', async () => {
    const lossy = { lines: [headLine()], next: 'wait', last: [ledgerLine(0, { buffer_full: 7 })] } as const
    cluster.set({ one: [lossy], two: [lossy] })
    const run = cluster.run(['tcpconnlat', '--duration', '0.3'])
    expect(await run.ended()).toEqual(ORDERLY)
    expect(run.stderr).toContain('2 nodes: 14 connects: 0 told')
    expect(run.stderr).toContain('14 lost: 14 no room in the buffer (buffer_full)')
  })

  it('comes late, is told all the same, and marked', async () => {
    cluster.set({ one: [telling(['now'], [recordTime(500)])], two: [] })
    const run = cluster.run(['tcpconnlat'])
    await run.until(({ lines }) => lines.length === 2, 'a row')
    cluster.set({ one: [], three: [telling(['before'], [recordTime(-5000)])] })
    await run.until(({ lines }) => lines.length === 3, 'another')
    expect(run.lines.at(-1)).toBe('three 1 before late')
    expect(run.stderr).toContain('hivetap: three: joins\n')
  })

  it('is hostile, and does no harm', async () => {
    const lines = [
      headLine(),
      'no JSON',
      '{"tool":"tcpconnlat"}',
      'null',
      JSON.stringify({ version: 1, tool: 'tcpconnlat', time: recordTime(), row: 7 }),
      `{"time":"${recordTime()}","tool":"tcpconnlat","row":"${'x'.repeat(2 << 20)}"}`,
      eventLine('\u001b]0;evil\u0007\u202e', recordTime()),
      `{"time":"9999-12-31T23:59:59.000000000Z","tool":"tcpconnlat","row":"1 far"}`,
    ]
    cluster.set({ one: [{ lines, stderr: ['hivetap: \u001b[31mred'], next: 'wait', last: [ledgerLine(8)] }] })
    const run = cluster.run(['tcpconnlat'])
    await run.until(({ lines: rows }) => rows.length === 3, 'two rows')
    expect(await run.end()).toEqual(ORDERLY)
    expect(run.lines.slice(1)).toEqual(['one  1 ?]0;evil??', 'one  1 far'])
    expect(run.stderr).toContain('hivetap: one: ?[31mred\n')
    expect(run.stderr).toContain('one: 5 lines of it could not be read')
    expect(run.stderr).toContain('6 lost: 6 not readable (malformed)')
  })

  it('waits where nobody reads, within bounds; what was not written is counted', async () => {
    const ends = openPipe()
    const flooding = { lines: [headLine(), eventLine('x', recordTime())], flood: 30_000 } as const
    cluster.set({ one: [{ ...flooding, next: 'wait', last: [ledgerLine(30_001)] }] })
    const run = cluster.run(['tcpconnlat'], { stdout: ends.near })
    await expect
      .poll(() => cluster.calls.some((call) => call.includes('exec')), { timeout: 30_000 })
      .toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect(await run.end()).toEqual(ORDERLY)
    const [, produced, told, lost] = /(\d+) connects: (\d+) told.* (\d+) not written/.exec(run.stderr) ?? []
    expect(produced).toBe('30001')
    expect(Number(told) + Number(lost)).toBe(30_001)
    // The head is no row.
    expect(ends.read().split('\n').length - 2).toBe(Number(told))
    ends.closeNear()
    ends.closeFar()
  })
})

describe('a node', () => {
  const well = telling(['well'], [recordTime()])

  it('that is lost midway is told, tried again, and has no account of what was before', async () => {
    const dying = {
      lines: [headLine(), eventLine('before', recordTime())],
      stderr: [
        'error: error reading from error stream: next reader: websocket: close 1006 (abnormal closure)',
      ],
      next: 'exit',
      status: 1,
    } as const
    cluster.set({ one: [well], two: [dying, telling(['after'], [recordTime()])] })
    const run = cluster.run(['tcpconnlat'])
    await run.until(({ stdout }) => stdout.includes('after'), 'its next row')
    expect(await run.end()).toEqual(ORDERLY)
    expect(run.stderr).toContain('two: connection lost: error reading from error stream')
    expect(run.stderr).toContain('two: followed again')
    expect(run.stderr).toContain('2 nodes: 2 connects: 2 told')
    expect(run.stderr).toContain('without an account, since the connection was lost: 1 connects told by two')
  })

  it('that cannot run the tool is told with its reason, and the others go on', async () => {
    const cannot = ending(1, 'hivetap: There is no BTF. Build one.', 'command terminated with exit code 1')
    cluster.set({ one: [well], two: [cannot] })
    const run = cluster.run(['tcpconnlat'])
    await run.until(({ stdout, stderr }) => stdout.includes('well') && stderr.includes('cannot'), 'both')
    expect(await run.end()).toEqual({ code: 1, signal: null })
    expect(run.stderr).toContain('two: it cannot be followed: There is no BTF. Build one.')
  })

  it('that leaves is told, and that one joins', async () => {
    cluster.set({ one: [well], two: [telling(['gone'], [recordTime()])] })
    const run = cluster.run(['tcpconnlat'])
    await run.until(({ lines }) => lines.length === 3, 'two rows')
    cluster.set({ one: [well], three: [telling(['new'], [recordTime()])] })
    await run.until(({ stdout, stderr }) => stdout.includes('new') && stderr.includes('leaves'), 'the other')
    expect(await run.end()).toEqual(ORDERLY)
    expect(run.stderr).toContain('hivetap: two: leaves: its agent is gone\n')
    expect(run.stderr).toContain('hivetap: three: joins\n')
    expect(run.stderr).toContain('3 nodes: 3 connects: 3 told')
  })

  it('whose clock is wrong is told', async () => {
    cluster.set({ one: [{ lines: [headLine('-60000')], next: 'wait', last: [ledgerLine(0)] }] })
    const run = cluster.run(['tcpconnlat'])
    await run.until(({ stderr }) => /its clock is 6\d s behind/.test(stderr), 'that')
    expect(await run.end()).toEqual(ORDERLY)
  })
})

describe('the cluster', () => {
  const refusing = ending(
    1,
    'Error from server (Forbidden): pods "hivetap-one" is forbidden: User "eve" cannot create resource "pods/exec" in API group "" in the namespace "hivetap"',
  )

  it('that does not let this user is told once, with the rule that is missing', async () => {
    cluster.set({ one: [refusing], two: [refusing] })
    const run = cluster.run(['tcpconnlat'])
    expect(await run.ended()).toEqual({ code: 1, signal: null })
    expect(run.stderr).toContain(
      'It takes a Role in the namespace hivetap with this rule: {apiGroups: [""], resources: ["pods/exec"], verbs: ["create"]}.',
    )
    expect(run.stderr.match(/cannot create resource/g)).toHaveLength(1)
  })

  it('without an agent is told how to have some', async () => {
    cluster.set({})
    const run = cluster.run(['tcpconnlat'])
    expect(await run.ended()).toEqual({ code: 1, signal: null })
    expect(run.stderr).toMatch(
      /^hivetap: There is no agent: .* kubectl hivetap install puts one on every node\.\n$/,
    )
  })

  it('cannot be reached without kubectl', async () => {
    const run = cluster.run(['tcpconnlat'], { path: '/nonexistent' })
    expect(await run.ended()).toEqual({ code: 1, signal: null })
    expect(run.stderr).toContain('hivetap: There is no kubectl in PATH.')
  })
})

describe('the command line', () => {
  it('is handed on word by word, whatever is in the words', async () => {
    cluster.set({ one: [{ lines: [headLine()], next: 'wait', last: [ledgerLine(0)] }] })
    const run = cluster.run([
      '--context',
      'a b;$(id)',
      'tcpconnlat',
      '-xP',
      '80,443',
      '--cgroup',
      '/sys/fs/cgroup/"$HOME"; `id`',
      '--as=me',
      '--over',
      '50ms',
      '--duration',
      '0.2',
    ])
    expect(await run.ended()).toEqual(ORDERLY)
    const flags = ['--context=a b;$(id)', '--as=me']
    for (const call of cluster.calls) expect(call.slice(0, 2)).toEqual(flags)
    const exec = cluster.calls.find((call) => call.includes('exec')) ?? []
    expect(exec.slice(exec.indexOf('--') + 1)).toEqual([
      '/usr/bin/node',
      '/opt/hivetap.js',
      'tcpconnlat',
      '--output=rows',
      '--stats',
      '--until-stdin-ends',
      '--failed',
      '--port=80,443',
      '--cgroup=/sys/fs/cgroup/"$HOME"; `id`',
      '--',
      '50',
    ])
  })

  it.each([
    { args: ['tcpconnlat', '--nonsense'], says: "unknown option '--nonsense'" },
    { args: ['tcpconnlat', '--over', '5ms', '7'], says: '--over and MIN_MS are the same' },
    { args: ['tcpconnlat', '-p', 'x'], says: 'a process is a whole number' },
    { args: ['nosuchtool'], says: "unknown command 'nosuchtool'" },
  ])('that is wrong is said so: $args', async ({ args, says }) => {
    cluster.set({})
    const run = cluster.run(args)
    expect(await run.ended()).toEqual({ code: 2, signal: null })
    expect(run.stderr).toContain(says)
    expect(cluster.calls).toEqual([])
  })

  it('that the nodes do not know has the exit status that they give it', async () => {
    const older = ending(
      2,
      "hivetap: unknown option '--until-stdin-ends'.",
      'command terminated with exit code 2',
    )
    cluster.set({ one: [older], two: [older] })
    const run = cluster.run(['tcpconnlat'])
    expect(await run.ended()).toEqual({ code: 2, signal: null })
    expect(run.stderr).toMatch(/: the same\n/)
  })
})
