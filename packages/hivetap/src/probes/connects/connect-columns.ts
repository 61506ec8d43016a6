import type { Column } from '../tool.js'
import type { ConnectEvent } from './connect-event.js'

/** Columns that the tools have in common, by bcc's names. */
export const CONNECT_COLUMNS = {
  uid: { header: 'UID', width: 5, field: 'uid', text: (event) => String(event.uid) },
  pid: { header: 'PID', width: 6, field: 'pid', text: (event) => String(event.pid) },
  ip: { header: 'IP', width: 2, field: 'ip_version', text: (event) => String(event.ipVersion) },
  sourceAddress: {
    header: 'SADDR',
    width: 16,
    field: 'source_address',
    text: (event) => event.sourceAddress,
  },
  destinationAddress: {
    header: 'DADDR',
    width: 16,
    field: 'destination_address',
    text: (event) => event.destinationAddress,
  },
  destinationPort: {
    header: 'DPORT',
    width: 5,
    field: 'destination_port',
    text: (event) => String(event.destinationPort),
  },
  outcome: { header: 'OUTCOME', width: 11, field: 'outcome', text: (event) => event.outcome },
} as const satisfies Readonly<Record<string, Column<ConnectEvent>>>

/**
 * Milliseconds as printf(3) writes them by `%.2f`. What lies exactly between two, as 0.125 ms does, it rounds to the even
 * one, and `toFixed` up. Thousandths that a double holds exactly are eighths: those of 0.125 and 0.625 differ.
 */
export function milliseconds(us: number): string {
  return ((us % 500 === 125 ? us - 5 : us) / 1000).toFixed(2)
}
