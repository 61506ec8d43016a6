import { describe, expect, it } from 'vitest'
import { parseHeader } from './header.js'
import { tableOf } from './table.js'

const kindOf = (line: string) => {
  const header = parseHeader(line)
  return header === undefined ? undefined : tableOf(header).kind
}

describe('a header', () => {
  it.each([
    ['latency', 'PID    COMM         IP SADDR            DADDR            DPORT LAT(ms)'],
    ['latency', 'TIME       PID    COMM         IP SADDR            LPORT  DADDR            DPORT LAT(ms)'],
    ['latency', 'PID\tCOMM\tDADDR:DPORT\tDELTA(us)'],
    ['latency', '      PID             COMM           DADDR DPORT    LATms'],
    ['latency', '2022/04/24 15:10:05 Src addr        Port   -> Dest addr       Port   Latency (us)'],
    ['latency', 'TIME     tcpconnlat PID    COMM         IP SADDR            DADDR            DPORT LAT(ms)'],
    ['plain', 'PID    COMM         IP SADDR            DADDR            DPORT'],
    ['plain', 'PID     COMM         IP SADDR            LPORT  DADDR            DPORT  QUERY'],
    [
      'plain',
      'TIME     PID      COMM             SADDR                                   SPORT  DADDR      DPORT ',
    ],
    ['states', 'SKADDR           C-PID C-COMM     LADDR  LPORT RADDR  RPORT OLDSTATE    -> NEWSTATE    MS'],
    ['states', 'TIME,SKADDR,C-PID,C-COMM,IP,LADDR,LPORT,RADDR,RPORT,OLDSTATE,NEWSTATE,MS'],
    ['events', 'TIME(s)  T PID    COMM         IP SADDR            DADDR            SPORT DPORT'],
    [
      'events',
      'TIME(ns)      TYPE         PID    COMM             IP SADDR            DADDR            SPORT  DPORT  NETNS',
    ],
    // Of other tools.
    ['none', 'PID   COMM       LADDR           LPORT RADDR           RPORT TX_KB RX_KB MS'],
    ['none', 'PID     COMM         IP RADDR            RPORT LADDR            LPORT'],
    ['none', 'TIME     PID    IP LADDR:LPORT          T> RADDR:RPORT          STATE'],
    ['none', 'TIME     PID    IP SADDR:SPORT          > DADDR:DPORT          STATE (FLAGS)'],
    ['none', 'PCOMM            PID    PPID   RET ARGS'],
    ['none', 'TIME(s)     COMM           PID    DISK    T SECTOR     BYTES  LAT(ms)'],
    ['none', 'LADDR                     RADDR                     RPORT                CONNECTS'],
    ['none', 'TIME      PID    COMM          LATms HOST'],
    ['none', '2022/04/24 15:10:05 Src addr        Port   -> Dest addr       Port   RTT'],
  ])('of %s: %s', (kind, line) => {
    expect(kindOf(line)).toBe(kind)
  })

  it.each([
    '1201   wget         4  10.153.223.157   23.23.100.231    80    1.65',
    'Tracing connect ... Hit Ctrl-C to end',
    'Attaching 2 probes...',
    'Detaching...',
    'WARNING: lost events',
    'PID',
    '2022/04/24 15:10:39 Received signal, exiting..',
    `PID COMM ${'X '.repeat(1000)}`,
  ])('is not: %s', (line) => {
    expect(kindOf(line)).toBeUndefined()
  })
})
