import { hostname } from 'node:os'
import type { AlertSinkContext } from '../../delivery/alerts/alert-sink-kind.js'
import { tell } from '../standard-streams.js'

/** What sinks of alerts have to say, on standard error. */
export function alertLog(): AlertSinkContext {
  return {
    node: process.env['NODE_NAME'] ?? hostname(),
    note: (message, details = {}) => {
      const more = Object.entries(details).map(([name, value]) => `${name}: ${String(value)}`)
      void tell(`hivetap: ${[message, ...more].join('; ')}\n`)
    },
  }
}
