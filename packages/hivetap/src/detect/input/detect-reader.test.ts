import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONNECT } from '../../../../../test/support/examples.js'
import { NOW_US, readConnects } from '../../../../../test/support/read-connects.js'
import type { ConnectEvent } from '../../probes/connects/connect-event.js'
import { type TcpconnlatOptions, tcpconnlat } from '../../probes/tcpconnlat/tcpconnlat.js'
import { Table } from '../../sinks/table.js'
import { detectReader } from './detect-reader.js'
import { ipEnd } from './ip-end.js'

const HEADER = 'PID    COMM         IP SADDR            DADDR            DPORT LAT(ms)'
const ROW = '1201   wget         4  10.153.223.157   23.23.100.231    80    1.65'
const JSON_LINE = '{"destination_address":"10.0.0.1","destination_port":443,"latency_us":7}'
const read = (...lines: readonly string[]) => readConnects(lines.map((line) => `${line}\n`).join(''))

describe('detectReader', () => {
  it('reads tables and JSON in one input, and tables one after the other', () => {
    const { connects, counts } = read(
      HEADER,
      ROW,
      JSON_LINE,
      ROW,
      '',
      'TIME     PID      COMM             SADDR   SPORT  DADDR   DPORT  DELTA(us)',
      '10:00:00 7        nc               10.0.0.1 1234 10.0.0.2 22 250',
      JSON_LINE,
      HEADER,
      ROW,
    )
    expect(connects.map(({ destination, latencyUs }) => `${destination} ${latencyUs}`)).toEqual([
      '23.23.100.231:80 1650',
      '10.0.0.1:443 7',
      '23.23.100.231:80 1650',
      '10.0.0.2:22 250',
      '10.0.0.1:443 7',
      '23.23.100.231:80 1650',
    ])
    expect(counts).toMatchObject({ lines: 10, observations: 6, other: 4 })
  })

  it('reads the same however the bytes are cut', () => {
    const text = [HEADER, ROW, JSON_LINE, 'torn 4 10.0', ROW, `${ROW} refused`].join('\r\n')
    const { connects, counts } = readConnects(text)
    for (const piece of [1, 2, 7, 100]) {
      const cut = readConnects(text, { piece })
      expect(cut.connects).toEqual(connects)
      expect(cut.counts).toEqual(counts)
    }
    expect(connects).toHaveLength(4)
    expect(connects.at(-1)?.outcome).toBe('refused')
    expect(Object.fromEntries(counts.unreadable)).toEqual({ columns: 1 })
    expect(counts.firstUnreadable).toEqual({ where: 'line 4', reason: 'columns', text: 'torn 4 10.0' })
  })

  it('reads past colours, NUL, carriage returns and tabs', () => {
    const { connects, unreadable } = read(
      `\0\0\u001b[1m${HEADER}\u001b[0m\r`,
      `\u001b[32m${ROW}\u001b[0m\r`,
      ROW.replace(/ +/g, '\t'),
      `\0\0\0${ROW}`,
      `\u001b]0;title\u0007${ROW}`,
    )
    expect(unreadable).toEqual({})
    expect(connects.map(({ latencyUs, pid }) => [latencyUs, pid])).toEqual(new Array(4).fill([1650, 1201]))
  })

  it('reads tables of Go programs', () => {
    const { connects, counts, unreadable } = read(
      '2022/04/24 15:10:05 Attaching BPF program TcpV4Connect Tracing(tcp_v4_connect)#10',
      '2022/04/24 15:10:05 Src addr        Port   -> Dest addr       Port   Latency (us)',
      '2022/04/24 15:10:15 10.0.2.15       63695  -> 93.184.216.34   80     173441',
      'TIME       PID    COMM         IP SADDR            LPORT  DADDR            DPORT LAT(ms)',
      '15:10:15   4242   my app       4  10.0.2.15        63695  93.184.216.34    80    173.44',
      'DADDR:DPORT          LATENCY',
      '93.184.216.34:80     173.441ms',
      '[2001:db8::1]:80     12µs',
    )
    expect(unreadable).toEqual({})
    expect(counts.other).toBe(4)
    expect(connects.map(({ destination, latencyUs, comm }) => [destination, latencyUs, comm])).toEqual([
      ['93.184.216.34:80', 173_441, ''],
      ['93.184.216.34:80', 173_440, 'my app'],
      ['93.184.216.34:80', 173_441, ''],
      ['[2001:db8::1]:80', 12, ''],
    ])
    expect(connects[0]?.timeUs).toBe(new Date(2022, 3, 24, 15, 10, 15).getTime() * 1000)
  })

  it('reads right-aligned tables, and those that name the node', () => {
    const { connects } = read(
      '    NODE      PID             COMM           DADDR    DPORT    LATms',
      '  node-1     1201           my app     23.23.100.231      443     1.65',
      '  node-2       12               sh         10.0.0.1       22    12.00',
    )
    expect(connects).toMatchObject([
      { host: 'node-1', pid: 1201, comm: 'my app', destination: '23.23.100.231:443', latencyUs: 1650 },
      { host: 'node-2', pid: 12, comm: 'sh', destination: '10.0.0.1:22', latencyUs: 12_000 },
    ])
  })

  it('reads what was asked of the resolver behind the row', () => {
    const { connects, unreadable } = read(
      'PID     COMM         IP SADDR            DADDR            DPORT  QUERY',
      '1543    amazon-ssm-a 4  10.66.75.54      176.32.119.67    443    ec2messages.us-west-1.amazonaws.com',
      '1543    my app 4     4  10.66.75.54      169.254.169.254  80     No DNS Query',
      '1543    my app 4     4  10.66.75.54      169.254.169.254  80     ',
    )
    expect(unreadable).toEqual({})
    expect(connects.map(({ comm, destination }) => `${comm} ${destination}`)).toEqual([
      'amazon-ssm-a 176.32.119.67:443',
      'my app 4 169.254.169.254:80',
      'my app 4 169.254.169.254:80',
    ])
  })

  it('reads each of hivetap’s tables as it is written', () => {
    const comm = fc.stringMatching(/^[ -~]{0,12}$/).filter((text) => text === text.trimEnd())
    const address = fc.oneof(fc.ipV4(), fc.ipV6())
    const options = fc.record({ timestamp: fc.boolean(), lport: fc.boolean(), wide: fc.boolean() })
    const event = fc.record({
      pid: fc.nat(4_194_304),
      comm,
      destinationAddress: address,
      sourceAddress: address,
      destinationPort: fc.nat(65_535),
      latencyUs: fc.nat(100_000_000).map((us) => us - (us % 10)),
      outcome: fc.constantFrom('connected', 'refused', 'stuck', 'timed_out'),
    })
    fc.assert(
      fc.property(
        options,
        fc.array(event, { minLength: 1, maxLength: 3 }),
        (flags: TcpconnlatOptions, events) => {
          const table = new Table<ConnectEvent>(
            tcpconnlat.columns(flags),
            (each) => tcpconnlat.remark(each, flags),
            new Map(),
          )
          const all = events.map((each) => ({ ...CONNECT, ...each }) as ConnectEvent)
          const { connects, unreadable } = readConnects(
            table.head + all.map((each) => table.line(each)).join(''),
          )
          expect(unreadable).toEqual({})
          expect(connects.map(({ pid, destination, latencyUs }) => [pid, destination, latencyUs])).toEqual(
            events.map((each) => [
              each.pid,
              ipEnd(each.destinationAddress, each.destinationPort),
              each.latencyUs,
            ]),
          )
          expect(connects.map(({ comm }) => comm.trim())).toEqual(events.map(({ comm }) => comm.trim()))
          const isTold = (outcome: string) => flags.wide === true || outcome !== 'connected'
          expect(connects.map(({ outcome }) => outcome)).toEqual(
            events.map(({ outcome }) => (isTold(outcome) ? outcome : 'unknown')),
          )
        },
      ),
    )
  })
})

describe('rows that cannot be read', () => {
  it.each([
    ['columns', '1201   wget         4  10.0'],
    ['pid', `12x1${ROW.slice(4)}`],
    ['destination', ROW.replace('23.23.100.231', 'there')],
    ['destination', ROW.replace(' 80 ', ' 80000 ')],
    ['latency', ROW.replace('1.65', '1.65x')],
    ['latency', ROW.replace('1.65', '-1')],
    ['columns', `${'a '.repeat(200)}${ROW}`],
    ['columns', 'Possibly lost 12 samples'],
  ])('are counted: %s', (reason, line) => {
    const { counts, unreadable, connects } = read(HEADER, line, ROW)
    expect(unreadable).toEqual({ [reason]: 1 })
    expect(counts.firstUnreadable?.where).toBe('line 2')
    expect(connects).toHaveLength(1)
  })

  it('are quoted so that a terminal shows them', () => {
    const { counts } = read(HEADER, `\u001b[2J\u202e${'x'.repeat(500)}\u0007`)
    expect(counts.firstUnreadable?.text).toMatch(/^\?x{119}…$/)
  })

  it('may be longer than is held', () => {
    const { counts, unreadable } = read(HEADER, 'x'.repeat(100_000), ROW)
    expect(unreadable).toEqual({ too_long: 1 })
    expect(counts.lines).toBe(3)
  })

  it('say of no time that it is one', () => {
    expect(read('TIME DADDR DPORT MS', '12:99:00 10.0.0.1 80 1').unreadable).toEqual({ time: 1 })
  })
})

describe('a table without its header', () => {
  it('is said once, and its lines are counted', () => {
    const { counts, unreadable, notes } = read(...new Array(250).fill(ROW))
    expect(unreadable).toEqual({ no_header: 250 })
    expect(counts).toMatchObject({ lines: 250, firstUnreadable: { where: 'line 1', text: ROW } })
    expect(notes.map(({ kind }) => kind)).toEqual(['no_header'])
    expect(notes[0]?.text).toContain(ROW)
  })

  it('is said at the end of few lines', () => {
    expect(read(ROW).notes.map(({ kind }) => kind)).toEqual(['no_header'])
    expect(read('Attaching 2 probes...').unreadable).toEqual({ no_header: 1 })
    expect(read('', JSON_LINE).notes).toEqual([])
  })

  it('is read from where a header comes', () => {
    const { counts, unreadable, connects, notes } = read('Attaching 2 probes...', ROW, HEADER, ROW)
    expect(unreadable).toEqual({ no_header: 1 })
    expect(counts).toMatchObject({ lines: 4, other: 2, firstUnreadable: { where: 'line 2', text: ROW } })
    expect(connects).toHaveLength(1)
    expect(notes).toEqual([])
  })

  it('is read by the header that is given', () => {
    expect(readConnects(ROW, { header: HEADER }).connects).toHaveLength(1)
    expect(() => readConnects(ROW, { header: 'pid comm' })).toThrow(/no header of a table: "pid comm"/)
  })
})

describe('a fixed threshold', () => {
  it('gives away the same as without, but what is known to have taken less', () => {
    const row = fc
      .tuple(
        fc.nat(99_999),
        fc.constantFrom('', ' refused', '\r', ' stuck'),
        fc.constantFrom('my app', '', '1 2'),
      )
      .map(([ms, end, comm]) => `12 ${comm} 4 10.0.0.1 10.0.0.2 80 ${(ms / 100).toFixed(2)}${end}`)
    const line = fc.oneof(row, fc.constantFrom('', HEADER, JSON_LINE, 'PID COMM DADDR DPORT LAT(us)', 'x 1'))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const text = [HEADER, ...lines].join('\n')
        const [all, over] = [readConnects(text), readConnects(text, { overUs: 500_000 })]
        const isGiven = ({ latencyUs, outcome }: (typeof all.connects)[0]) =>
          latencyUs >= 500_000 || outcome === 'refused' || outcome === 'stuck'
        const { below, observations } = over.counts
        expect(over.connects).toEqual(all.connects.filter(isGiven))
        expect(over.counts.lines).toBe(all.counts.lines)
        expect(observations - below).toBe(over.connects.length)
        // Whoever looks at the end of a row alone may count a row that cannot be read among those below.
        expect(observations).toBeGreaterThanOrEqual(all.counts.observations)
      }),
    )
  })

  it('counts events of JSON in the same way', () => {
    const { counts, connects } = readConnects(`${JSON_LINE}\n${JSON_LINE.replace('7', '7000')}`, {
      overUs: 100,
    })
    expect(counts).toMatchObject({ observations: 2, below: 1 })
    expect(connects).toMatchObject([{ latencyUs: 7000 }])
  })
})

describe('readRecord', () => {
  const seen: { timeUs: number; stream: number }[] = []
  const reader = detectReader({
    take: ({ timeUs, stream }) => seen.push({ timeUs, stream }),
    nowUs: () => NOW_US,
  })

  it('reads a record of a partition, and holds its time to what it may claim', () => {
    const at = (time: string) => Buffer.from(`${JSON_LINE.slice(0, -1)},"time":"${time}"}`)
    reader.readRecord(at('2026-11-28T10:00:00.000001000Z'), 3, NOW_US)
    reader.readRecord(new Uint8Array(at('2026-11-28T14:00:00Z')), 4, NOW_US)
    reader.readRecord(Buffer.from(JSON_LINE), 5)
    expect(seen).toEqual([
      { timeUs: NOW_US - 7_200_000_000 + 1, stream: 3 },
      { timeUs: NOW_US, stream: 4 },
      { timeUs: NOW_US, stream: 5 },
    ])
    expect(reader.counts).toMatchObject({ lines: 3, observations: 3, clamped: 1 })
  })

  it('counts what is no event', () => {
    reader.readRecord(Buffer.alloc(0), 0)
    reader.readRecord(Buffer.from(ROW), 0)
    reader.readRecord(Buffer.alloc(2 * 1024 * 1024), 0)
    expect(Object.fromEntries(reader.counts.unreadable)).toEqual({ not_json: 2, too_long: 1 })
    expect(reader.counts.firstUnreadable).toMatchObject({ where: 'record 4', reason: 'not_json' })
  })

  it('counts as many records as whoever reads the topic refuses at once', () => {
    const before = reader.counts.lines
    reader.refuseRecord(
      'spoilt',
      () => 'here',
      () => 'why',
      2 ** 31,
    )
    reader.refuseRecord(
      'spoilt',
      () => 'there',
      () => 'why',
    )
    expect(reader.counts.unreadable.get('spoilt')).toBe(2 ** 31 + 1)
    expect(reader.counts.lines - before).toBe(2 ** 31 + 1)
  })
})
