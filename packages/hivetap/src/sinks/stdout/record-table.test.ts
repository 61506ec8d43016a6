import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONNECT } from '../../../../../test/support/examples.js'
import { POD_SOURCE } from '../../../../../test/support/identities.js'
import type { ConnectEvent } from '../../probes/connects/connect-event.js'
import { execsnoop } from '../../probes/execsnoop/execsnoop.js'
import { exitsnoop } from '../../probes/exitsnoop/exitsnoop.js'
import { tcpconnect } from '../../probes/tcpconnect/tcpconnect.js'
import { tcpconnlat } from '../../probes/tcpconnlat/tcpconnlat.js'
import type { AnyTool } from '../../probes/tool.js'
import type { SpoolRecord } from '../../spool/spool.js'
import { JsonLines } from '../json-lines.js'
import { toolFormat } from '../tool-format.js'
import { RecordTable } from './record-table.js'

const record = (tool: AnyTool, event: unknown, identify?: () => never): SpoolRecord => ({
  kind: 'event',
  tool: tool.name,
  timeMs: 0,
  value: Buffer.from(new JsonLines(tool, { missing: new Map(), identify }).line(event).trimEnd()),
})
const name = fc.string({
  unit: fc.constantFrom('a', 'ö', '"', '\\', '\u001b', '😀', ' ', '1'),
  maxLength: 15,
})

const connect: fc.Arbitrary<ConnectEvent> = fc
  .record({
    pid: fc.nat(4_194_304),
    comm: name,
    latencyUs: fc.nat(),
    destination: fc.oneof(fc.ipV4(), fc.ipV6()),
    destinationPort: fc.nat(65_535),
    srttUs: fc.nat(1000),
    errorCode: fc.constantFrom(0, 110, 111),
    retransmits: fc.nat(2),
    outcome: fc.constantFrom('connected', 'refused', 'stuck', 'timed_out'),
    fastOpen: fc.boolean(),
  })
  .map(
    ({ destination, ...rest }) => ({ ...CONNECT, ...rest, destinationAddress: destination }) as ConnectEvent,
  )

const exec = fc.record({
  timeNs: fc.constant(0),
  toolIndex: fc.constant(0),
  pid: fc.nat(4_194_304),
  cgroupId: fc.nat(),
  comm: name,
  parentComm: name.map((text) => `p${text}`),
  ppid: fc.integer({ min: 1, max: 1000 }),
  tid: fc.nat(),
  uid: fc.nat(),
  returnValue: fc.constantFrom(0, -2, -13),
  directoryFd: fc.constantFrom(-100, 3),
  truncated: fc.boolean(),
  cwdKnown: fc.boolean(),
  args: fc.array(name, { maxLength: 3 }),
  filename: fc.constantFrom('/bin/ls', 'ls'),
  cwd: fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 2 }),
})

const exit = fc.record({
  timeNs: fc.constant(0),
  toolIndex: fc.constant(0),
  pid: fc.nat(4_194_304),
  tid: fc.nat(),
  ppid: fc.integer({ min: 1, max: 1000 }),
  cgroupId: fc.nat(),
  ageUs: fc.integer({ min: 1, max: 10 ** 9 }),
  comm: name,
  uid: fc.nat(),
  status: fc.constantFrom(0, 0x100, 0xff00, 9, 11, 11 | 0x80),
  statusKnown: fc.boolean(),
  ofThread: fc.boolean(),
})

describe('RecordTable', () => {
  it.each([
    ['tcpconnlat', tcpconnlat, connect],
    ['tcpconnect', tcpconnect, connect],
    ['execsnoop', execsnoop, exec.map((event) => ({ ...event, kind: 'program' }))],
    ['exitsnoop', exitsnoop, exit],
  ] as readonly [string, AnyTool, fc.Arbitrary<unknown>][])(
    'shows what %s itself would',
    (_, tool, events) => {
      fc.assert(
        fc.property(fc.array(events, { minLength: 1, maxLength: 3 }), fc.boolean(), (all, wide) => {
          const options = { missing: new Map() }
          const own = toolFormat(tool, { wide }, options, { output: 'table', namesPods: wide }, {})
          const table = new RecordTable({ wide }, [tool])
          expect(table.linesOf(all.map((event) => record(tool, event))).toString()).toBe(
            own.head + all.map((event) => own.line(event)).join(''),
          )
        }),
      )
    },
  )

  it('shows a header wherever another tool’s row came before, and no accounts', () => {
    const [one, other] = [record(tcpconnlat, CONNECT), record(tcpconnect, CONNECT)]
    const account: SpoolRecord = { ...one, kind: 'ledger' }
    const lines = new RecordTable({ wide: false }).linesOf([one, account, one, other]).toString().split('\n')
    expect(lines.map((line) => line.includes('SADDR'))).toEqual([true, false, false, true, false, false])
  })

  it('shows columns that are asked for, of pods too', () => {
    const identify = () => ({ source: POD_SOURCE, farEnd: undefined }) as never
    const table = new RecordTable({ wide: false, columns: ['pod', 'container', 'dport'] }, [tcpconnlat])
    const lines = table
      .linesOf([record(tcpconnlat, { ...CONNECT, destinationPort: 81 }, identify)])
      .toString()
    expect(lines.split('\n').map((line) => line.split(/ +/))).toEqual([
      ['POD', 'CONTAINER', 'DPORT'],
      ['checkout-1', 'app', '81'],
      [''],
    ])
    expect(() => new RecordTable({ wide: false, columns: ['podd'] })).toThrow(/no column "podd"/)
  })
})
