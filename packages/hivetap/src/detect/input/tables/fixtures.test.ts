import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConnects } from '../../../../../../test/support/read-connects.js'
import type { Observation } from '../../observation.js'

const folder = join(import.meta.dirname, '../../../../../../test/fixtures/tables')
const fixture = (name: string) => readConnects(readFileSync(join(folder, name)))
const endOf = ({ pid, comm, destination }: Observation, cut = 16) => [
  pid,
  comm.slice(0, cut).trimEnd(),
  destination,
]

/** What the tools saw that ran side by side while the same connections were made: test/peers/tables/make.mjs. */
describe('tables of the same connects, read', () => {
  const truth = fixture('hivetap-tcpconnlat-x.jsonl')
  const truths = (cut: number) => truth.connects.map((connect) => endOf(connect, cut))

  it('has a truth to be held against: 40 connects, 10 of them refused', () => {
    expect(truth.counts).toMatchObject({ lines: 41, observations: 40, other: 1 })
    expect(truth.connects.filter(({ outcome }) => outcome === 'refused')).toHaveLength(10)
    expect(new Set(truth.connects.map(({ comm }) => comm))).toEqual(
      new Set([
        'curl',
        'my app 1',
        '1234 5678',
        '[kworker/0:1]',
        '  led',
        'a',
        'name-of-15-char',
        '10.0.0.1 443',
        '-',
        '',
      ]),
    )
  })

  it.each([
    ['libbpf-tcpconnlat.txt', 12],
    ['libbpf-tcpconnlat-t.txt', 12],
    ['libbpf-tcpconnlat-t-L.txt', 12],
    ['libbpf-tcpconnect.txt', 12],
    ['libbpf-tcpconnect-t-U-s.txt', 12],
    ['bpftrace-tcpconnect.txt', 16],
    ['hivetap-tcpconnlat-x.txt', 12],
    ['hivetap-tcpconnlat-t-L-x-w.txt', 12],
    ['hivetap-tcpconnect-t-U-s-w.txt', 16],
  ])('%s: each process and destination', (name, cut) => {
    const { connects, unreadable } = fixture(name)
    expect(unreadable).toEqual({})
    // What has no name, hivetap's tables and bcc's show in the same way.
    expect(connects.map((connect) => endOf(connect, cut))).toEqual(truths(cut))
  })

  it.each([
    ['libbpf-tcpstates.txt', 10],
    ['libbpf-tcpstates-T-w.txt', 16],
  ])('%s: each process and destination, as it shows it', (name, cut) => {
    const { connects, unreadable } = fixture(name)
    expect(unreadable).toEqual({})
    // That version of it shows ::1 for whichever address of IPv6.
    const shown = truths(cut).map(([pid, comm, end]) => [pid, comm, String(end).replace(/\[.*\]/, '[::1]')])
    expect(connects.map((connect) => endOf(connect, cut))).toEqual(shown)
  })

  it.each(['hivetap-tcpconnlat.txt', 'hivetap-trace.txt', 'libbpf-tcptracer-t.txt'])(
    '%s: those that were answered',
    (name) => {
      const { connects, unreadable } = fixture(name)
      expect(unreadable).toEqual({})
      const answered = truth.connects.filter(({ outcome }) => outcome === 'connected')
      expect(connects.map((connect) => endOf(connect, 12))).toEqual(
        answered.map((connect) => endOf(connect, 12)),
      )
    },
  )

  it('reads latencies as hivetap measured them, in its tables to a hundredth of a millisecond', () => {
    const rounded = truth.connects.map(({ latencyUs }) => latencyUs)
    // Another run of the tool measured it, at another moment of the same connect.
    for (const [index, { latencyUs }] of fixture('hivetap-tcpconnlat-x.txt').connects.entries())
      expect(Math.abs(latencyUs - (rounded[index] ?? 0))).toBeLessThan(20_000)
    for (const [index, { latencyUs }] of fixture('libbpf-tcpstates.txt').connects.entries())
      expect(Math.abs(latencyUs - (rounded[index] ?? 0))).toBeLessThan(60_000)
    expect(fixture('libbpf-tcpconnect.txt').connects.every(({ latencyUs }) => latencyUs === -1)).toBe(true)
  })

  it('tells outcomes where the table does', () => {
    const outcomes = (name: string) => fixture(name).connects.map(({ outcome }) => outcome)
    const told = truth.connects.map(({ outcome }) => outcome)
    expect(outcomes('hivetap-tcpconnlat-t-L-x-w.txt')).toEqual(told)
    expect(outcomes('hivetap-tcpconnect-t-U-s-w.txt')).toEqual(told)
    expect(outcomes('hivetap-tcpconnlat-x.txt')).toEqual(
      told.map((outcome) => (outcome === 'connected' ? 'unknown' : outcome)),
    )
    expect(outcomes('libbpf-tcpstates-T-w.txt')).toEqual(
      told.map((outcome) => (outcome === 'refused' ? 'failed' : outcome)),
    )
    expect(new Set(outcomes('libbpf-tcpconnlat.txt'))).toEqual(new Set(['unknown']))
    expect(new Set(outcomes('hivetap-trace.txt'))).toEqual(new Set(['connected']))
  })

  it('reads the causes that hivetap’s wide table tells', () => {
    const causes = fixture('hivetap-tcpconnlat-t-L-x-w.txt').connects.map(({ cause }) => cause)
    expect(new Set(causes).size).toBeGreaterThan(1)
    expect(causes.filter((cause) => cause === 'unknown').length).toBeGreaterThanOrEqual(10)
  })

  it('reads what is left of a table that begins late', () => {
    const { connects, unreadable } = fixture('bpftrace-tcpconnlat.txt')
    expect(unreadable).toEqual({})
    const last = truth.connects.slice(-connects.length)
    expect(connects.map((connect) => endOf(connect))).toEqual(last.map((connect) => endOf(connect)))
  })

  it.each([
    'bpftrace-tcplife.txt',
    'hivetap-tcpconnect-c.txt',
    'libbpf-execsnoop.txt',
    'libbpf-tcpconnect-c.txt',
    'libbpf-tcplife.txt',
  ])('%s has no single connects: it is said once, and no line is unreadable', (name) => {
    const { counts, notes } = fixture(name)
    expect(counts).toMatchObject({ observations: 0, other: counts.lines })
    expect(notes.map(({ kind }) => kind)).toEqual(['no_connects'])
  })
})

/** What bcc's tools in Python print of events that they are given: test/peers/tables/python.mjs. */
describe('tables of bcc’s tools in Python, read', () => {
  const NAMES = [
    'curl',
    'my app 1',
    '1234 5678',
    '[kworker/0:1]',
    '  led',
    '',
    'name-of-15-char',
    '10.0.0.1 443',
  ]
  const LONG = '2001:db8:1111:2222:3333:4444:5555:6666'
  const given = NAMES.flatMap((comm, index) => [
    { pid: 1200 + index * 2, comm, destination: '127.0.0.1:443', latencyUs: 1650 + index },
    { pid: 1201 + index * 2, comm, destination: `[${LONG}]:8443`, latencyUs: 250_860 + index },
  ])

  it.each([
    ['bcc-tcpconnlat.txt', 12, 10],
    ['bcc-tcpconnlat-t.txt', 12, 10],
    ['bcc-tcpconnlat-t-L.txt', 12, 10],
    ['bcc-tcpstates.txt', 10, 1],
    ['bcc-tcpstates-t-w.txt', 16, 1],
    ['bcc-tcpconnect-t-U.txt', 12, 0],
    ['bcc-tcpconnect-L.txt', 12, 0],
  ])('%s: each event', (name, cut, step) => {
    const { connects, unreadable } = fixture(name)
    expect(unreadable).toEqual({})
    expect(connects.map((connect) => endOf(connect))).toEqual(
      given.map((event) => endOf(event as Observation, cut)),
    )
    for (const [index, { latencyUs }] of connects.entries())
      if (step === 0) expect(latencyUs).toBe(-1)
      else expect(Math.abs(latencyUs - (given[index]?.latencyUs ?? 0))).toBeLessThanOrEqual(step)
  })

  it('reads the table with commas, where spaces before a name cannot be told', () => {
    const { connects, unreadable } = fixture('bcc-tcpstates-T-s.txt')
    expect(unreadable).toEqual({})
    expect(connects.map((connect) => endOf(connect))).toEqual(
      given.map((event) => endOf({ ...event, comm: event.comm.trim() } as Observation)),
    )
    expect(connects.map(({ outcome }) => outcome)).toEqual(
      given.map((_, index) => (index % 4 === 3 ? 'failed' : 'connected')),
    )
  })

  it('tells seconds from the process behind them, where no space is between', () => {
    const { connects } = fixture('bcc-tcpconnlat-t.txt')
    const [first] = connects
    expect(connects.map(({ timeUs }) => (timeUs - (first?.timeUs ?? 0)) / 1e6)).toEqual(
      given.map((_, index) => index * 999),
    )
  })
})
