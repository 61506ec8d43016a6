// @ts-check
/** Connects as the agents of a fleet would tell them: not as random as the simulator's, since what repeats is what compresses. */

import { FleetNames } from './fleet-names.mjs'

const COMMS = [
  'java',
  'node',
  'nginx',
  'python3',
  'envoy',
  'postgres',
  'curl',
  'redis-server',
  'php-fpm',
  'kubelet',
]
const NS = 1_000_000n

/**
 * @typedef {object} FleetShape
 * @property {number} nodes
 * @property {number} perNode connects a second on each
 * @property {number} destinations
 * @property {number} startMs
 * @property {boolean} [named] whether they say whose they are, as in Kubernetes: pod, workload, Service
 */

/**
 * Connects by time, nodes in turn: some of each second by each node.
 *
 * @param {FleetShape} shape
 * @param {number} count
 * @returns {Generator<{ node: number, sequence: number, timeMs: number, line: string }>}
 */
export function* fleetEvents({ nodes, perNode, destinations, startMs, named = false }, count) {
  const random = randomFrom(7)
  const names = named ? new FleetNames() : undefined
  const epochs = Array.from({ length: nodes }, () => uuid(random))
  const stepNs = 1_000_000_000n / BigInt(nodes * perNode)
  let atNs = BigInt(startMs) * NS
  for (let made = 0; made < count; made++) {
    const node = made % nodes
    const sequence = Math.floor(made / nodes)
    atNs += stepNs
    const timeMs = Number(atNs / NS)
    const event = connect(random, node, destinations)
    const fields = {
      version: 1,
      event_id: `${epochs[node]}-${sequence}`,
      time: new Date(timeMs)
        .toISOString()
        .replace(/\d{3}Z$/, `${String(atNs % 1_000_000_000n).padStart(9, '0')}Z`),
      host: `node-${node}`,
      tool: 'tcpconnlat',
      ...event,
      ...names?.of(node, event),
    }
    yield { node, sequence, timeMs, line: JSON.stringify(fields) }
  }
}

/**
 * @param {() => number} random from 0 to below 1
 * @param {number} node
 * @param {number} destinations
 */
function connect(random, node, destinations) {
  const program = Math.floor(random() ** 2 * COMMS.length)
  // Few destinations get most connects.
  const destination = Math.floor(random() ** 3 * destinations)
  const srtt = Math.round(150 + random() * 400 + (destination % 7) * 200)
  const isSlow = random() < 0.01
  const failed = random() < 0.005
  return {
    pid: 1000 + program * 37 + (node % 10),
    latency_us: Math.round(srtt * (1 + random() * 0.2) + (isSlow ? 1_000_000 : 0)),
    cgroup_id: 4000 + program * 11,
    comm: COMMS[program],
    source_address: `10.${64 + (node >> 8)}.${node & 255}.${10 + program}`,
    destination_address: `10.96.${destination >> 8}.${destination & 255}`,
    tid: 1000 + program * 37 + (node % 10) + Math.floor(random() * 8),
    uid: program % 3 === 0 ? 0 : 1000,
    netns: 4026531840 + program,
    srtt_us: srtt,
    retransmits: isSlow ? 1 : 0,
    source_port: 32768 + Math.floor(random() * 28000),
    destination_port: [443, 5432, 6379, 8080, 9092][destination % 5],
    ...(failed ? { error_code: 111, error: 'ECONNREFUSED' } : {}),
    ip_version: 4,
    outcome: failed ? 'refused' : 'connected',
    cause: isSlow ? 'syn_loss' : 'network',
    fast_open: false,
  }
}

/**
 * The same numbers each time: xorshift32.
 *
 * @param {number} seed
 */
function randomFrom(seed) {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** @param {() => number} random */
function uuid(random) {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}
