import { portList, processId } from '../option-values.js'
import type { Flag } from '../tool.js'

/** Flags that the tools have in common, as bcc names them. */
export const CONNECT_FLAGS = {
  timestamp: {
    name: 'timestamp',
    flags: '-t, --timestamp',
    help: 'begin with the time since the first line, seconds',
  },
  pid: { name: 'pid', flags: '-p, --pid <PID>', help: 'only connects of this process', parse: processId },
  ipv4: { name: 'ipv4', flags: '-4, --ipv4', help: 'only sockets of IPv4', conflicts: ['ipv6'] },
  ipv6: { name: 'ipv6', flags: '-6, --ipv6', help: 'only sockets of IPv6' },
  port: { name: 'port', flags: '-P, --port <PORT,…>', help: 'only connects to these ports', parse: portList },
} as const satisfies Readonly<Record<string, Flag>>
