import { type Balance, NOTHING_KNOWN } from '../../packages/hivetap/src/probes/balance.js'
import type { ConnectEvent } from '../../packages/hivetap/src/probes/connects/connect-event.js'

/** A connect that was answered, as tests change it. */
export const CONNECT: ConnectEvent = {
  timeNs: 5_000_000_000,
  toolIndex: 0,
  latencyUs: 1234,
  cgroupId: 1,
  cgroupKey: 1n,
  processStartNs: 0,
  argumentsAt: 0,
  comm: 'curl',
  sourceAddress: '10.0.0.1',
  destinationAddress: '10.0.0.2',
  pid: 100,
  tid: 101,
  uid: 0,
  netns: 4026531840,
  srttUs: 1200,
  retransmits: 0,
  sourcePort: 40_000,
  destinationPort: 443,
  errorCode: 0,
  ipVersion: 4,
  outcome: 'connected',
  fastOpen: false,
}

/** The account of a run in which nothing happened. */
export const NOTHING: Balance = NOTHING_KNOWN
