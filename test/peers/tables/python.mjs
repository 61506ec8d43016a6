// @ts-check
/**
 * Makes the fixtures of bcc's tools in Python (`node test/peers/tables/python.mjs`): they compile for a kernel whose headers are
 * there, so what is run here is their printing alone, with a stand-in for bcc that hands them events.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/root.mjs'

const LONG = '2001:db8:1111:2222:3333:4444:5555:6666'
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
const STATES = { ESTABLISHED: 1, SYN_SENT: 2, CLOSE: 7, LISTEN: 10 }

const connects = NAMES.flatMap((task, index) => [
  connect(index * 2, {
    task,
    ip: 4,
    saddr: '127.0.0.1',
    daddr: '127.0.0.1',
    dport: 443,
    delta_us: 1650 + index,
  }),
  connect(index * 2 + 1, { task, ip: 6, saddr: LONG, daddr: LONG, dport: 8443, delta_us: 250_860 + index }),
])
const states = connects.flatMap((event, index) => [
  { ...event, oldstate: STATES.CLOSE, newstate: STATES.SYN_SENT, span_us: 0, lport: 0 },
  {
    ...event,
    // Who is on the CPU when the answer comes.
    pid: 0,
    task: 'swapper/1',
    oldstate: STATES.SYN_SENT,
    newstate: index % 4 === 3 ? STATES.CLOSE : STATES.ESTABLISHED,
    span_us: event.delta_us,
  },
])

make('bcc-tcpconnlat', 'tcpconnlat-bpfcc', [], connects)
make('bcc-tcpconnlat-t', 'tcpconnlat-bpfcc', ['-t'], connects)
make('bcc-tcpconnlat-t-L', 'tcpconnlat-bpfcc', ['-t', '-L'], connects)
make('bcc-tcpconnect-t-U', 'tcpconnect-bpfcc', ['-t', '-U'], connects)
make('bcc-tcpconnect-L', 'tcpconnect-bpfcc', ['-L'], connects)
make('bcc-tcpstates', 'tcpstates-bpfcc', [], states)
make('bcc-tcpstates-t-w', 'tcpstates-bpfcc', ['-t', '-w'], states)
make('bcc-tcpstates-T-s', 'tcpstates-bpfcc', ['-T', '-s'], states)

/** The times go beyond ten thousand seconds: the column is that wide. @param {number} index @param {{ task: string, ip: number, saddr: string, daddr: string, dport: number, delta_us: number }} event */
function connect(index, event) {
  return {
    ...event,
    pid: 1200 + index,
    uid: 0,
    lport: 40_000 + index,
    ts_us: 1 + index * 999_000_000,
    skaddr: 0xffff888000000000 + index * 4096,
  }
}

/** @param {string} name @param {string} tool @param {readonly string[]} args @param {readonly object[]} events */
function make(name, tool, args, events) {
  const printed = execFileSync('python3', [`/usr/sbin/${tool}`, ...args], {
    env: {
      ...process.env,
      PYTHONPATH: join(ROOT, 'test/peers/tables/stand-in'),
      PYTHONDONTWRITEBYTECODE: '1',
      HIVETAP_EVENTS: JSON.stringify(events),
    },
  })
  writeFileSync(join(ROOT, 'test/fixtures/tables', `${name}.txt`), printed)
}
