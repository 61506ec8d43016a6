import type { NamedBy } from '../tool.js'
import type { ConnectEvent } from './connect-event.js'

/** What the names of both ends of a connect are found by. */
export const connectNamedBy: NamedBy<ConnectEvent> = {
  pid: ({ pid }) => pid,
  process: (event) => event,
  cgroup: ({ cgroupKey }) => cgroupKey,
  address: ({ destinationAddress }) => destinationAddress,
  port: ({ destinationPort }) => destinationPort,
  beganNs: ({ timeNs, latencyUs }) => timeNs - latencyUs * 1000,
}
