import { execFileSync } from 'node:child_process'
import { Client, type Connected, type EndPoint } from '../../support/client.js'
import { events, Hivetap, type JsonEvent } from '../../support/hivetap.js'
import type { Condition } from './conditions.mjs'

/** What hivetap told of connects over a network with delay and loss, held against ss(8) and the test's own clock. */
export interface WireResult {
  readonly condition: string
  readonly rung: string
  readonly fault: Fault
  readonly state: 'ok' | 'wrong'
  readonly reason?: string
}

/** What netem does to the packets. */
export type Fault = 'delay' | 'loss' | 'black hole'

const NAMESPACE = 'hivetap-wire'
const DELAY_MS = 30
const inside = (command: string, ...args: readonly string[]) =>
  execFileSync('ip', ['netns', 'exec', NAMESPACE, command, ...args], { encoding: 'utf8', stdio: 'pipe' })
const netem = (...fault: readonly string[]) =>
  inside('tc', 'qdisc', 'replace', 'dev', 'lo', 'root', 'netem', ...fault)

/** Whether this kernel has netem. */
export function isWireAvailable(): boolean {
  execFileSync('ip', ['netns', 'add', NAMESPACE])
  try {
    netem('delay', '1ms')
    return true
  } catch {
    return false
  } finally {
    execFileSync('ip', ['netns', 'del', NAMESPACE])
  }
}

/** Runs every fault on some rungs, in a network namespace of its own. */
export async function* runWire(
  steps: readonly { readonly condition: Condition; readonly rung: string }[],
): AsyncGenerator<WireResult> {
  execFileSync('ip', ['netns', 'add', NAMESPACE])
  try {
    inside('ip', 'link', 'set', 'lo', 'up')
    for (const { condition, rung } of steps) {
      for (const fault of Object.keys(FAULTS) as Fault[]) {
        const problems = await tryFault(condition, rung, FAULTS[fault])
        yield {
          condition: condition.id,
          rung,
          fault,
          state: problems.length === 0 ? 'ok' : 'wrong',
          ...(problems.length === 0 ? {} : { reason: problems.join('; ') }),
        }
      }
    }
  } finally {
    execFileSync('ip', ['netns', 'del', NAMESPACE])
  }
}

type Scenario = (client: Client, run: Hivetap, listener: EndPoint) => Promise<readonly string[]>

async function tryFault(condition: Condition, rung: string, scenario: Scenario): Promise<readonly string[]> {
  const client = new Client(['ip', 'netns', 'exec', NAMESPACE])
  const { pid } = await client.who()
  const run = new Hivetap(['tcpconnlat', '-p', String(pid), '-x', '-v', '-o', 'json', '--hook', rung], {
    prefix: condition.prefix,
  })
  try {
    const listener = await client.listen('127.0.0.1')
    await run.attached()
    return await scenario(client, run, listener)
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  } finally {
    client.stop()
    await run.kill()
  }
}

const FAULTS: Readonly<Record<Fault, Scenario>> = {
  async delay(client, run, listener) {
    netem('delay', `${DELAY_MS}ms`)
    const made = await client.connect(listener)
    const ss = ssOf(made)
    const [event] = await eventsOf(run, 1)
    return [
      ...expectFields(event, { outcome: 'connected', cause: 'network', retransmits: 0 }),
      ...expectBetween(event, 'latency_us', 2 * DELAY_MS * 1000, made.tookUs),
      ...expectBetween(event, 'srtt_us', ss.rttUs - 1, ss.rttUs + 1),
    ]
  },
  async loss(client, run, listener) {
    netem('loss', '100%')
    const began = await client.connect(listener, 'begin')
    await run.until(({ lines }) => lines.length >= 1, 'a stuck connect')
    netem('delay', '0ms')
    await client.ask({ op: 'end', fd: began.fd, waitMs: 20_000 })
    const ss = ssOf(began)
    // One for each SYN that was sent again: on a slow machine more of them than one are lost until the network is mended.
    const seen = await eventsOf(run, ss.retransmits + 1)
    const last = seen[ss.retransmits]
    return [
      ...(ss.retransmits >= 1 ? [] : ['no SYN was sent again']),
      ...seen
        .slice(0, ss.retransmits)
        .flatMap((event, index) =>
          expectFields(event, { outcome: 'stuck', cause: 'syn_loss', retransmits: index + 1 }),
        ),
      ...expectFields(last, { outcome: 'connected', cause: 'syn_loss', retransmits: ss.retransmits }),
      ...expectBetween(last, 'latency_us', 1_000_000, 20_000_000),
    ]
  },
  async 'black hole'(client, run, listener) {
    inside('sysctl', '-q', '-w', 'net.ipv4.tcp_syn_retries=1')
    netem('loss', '100%')
    const before = synRetransmits()
    const made = await client.connect(listener, 'nonblocking', { waitMs: 60_000 })
    const sent = synRetransmits() - before
    const seen = await eventsOf(run, sent + 1)
    inside('sysctl', '-q', '-w', 'net.ipv4.tcp_syn_retries=6')
    return [
      ...(made.errno === 110 ? [] : [`the connect ended with errno ${made.errno}`]),
      ...seen
        .slice(0, sent)
        .flatMap((event, index) => expectFields(event, { outcome: 'stuck', retransmits: index + 1 })),
      ...expectFields(seen[sent], { outcome: 'timed_out', error: 'ETIMEDOUT', retransmits: sent }),
      ...expectBetween(seen[sent], 'latency_us', 2_000_000, made.tookUs),
    ]
  },
}

/** SYNs sent again in the namespace, as the kernel counts them: TCPSynRetrans of /proc/net/netstat. */
function synRetransmits(): number {
  const [names = [], values = []] = inside('cat', '/proc/net/netstat')
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '))
  return Number(values[names.indexOf('TCPSynRetrans')])
}

/** Waits for events, and ends the run. */
async function eventsOf(run: Hivetap, count: number): Promise<JsonEvent[]> {
  await run.until(({ lines }) => lines.length >= count, `${count} events`)
  await run.end()
  return events(run)
}

/** The smoothed round trip and the retransmissions that ss(8) shows for a connection. */
function ssOf(connected: Connected): { rttUs: number; retransmits: number } {
  const text = inside('ss', '-tinH', `sport = :${connected.local.port}`)
  const rtt = /\brtt:([\d.]+)\//.exec(text)?.[1]
  if (rtt === undefined) throw new Error(`ss shows no round trip: ${text}`)
  return {
    rttUs: Math.round(Number(rtt) * 1000),
    retransmits: Number(/\bretrans:\d+\/(\d+)/.exec(text)?.[1] ?? 0),
  }
}

function expectFields(event: JsonEvent | undefined, expected: JsonEvent): string[] {
  return Object.entries(expected)
    .filter(([field, value]) => event?.[field] !== value)
    .map(([field, value]) => `${field} is ${event?.[field]}, not ${value}`)
}

function expectBetween(event: JsonEvent | undefined, field: string, least: number, most: number): string[] {
  const value = Number(event?.[field])
  return value >= least && value <= most ? [] : [`${field} is ${value}, not from ${least} to ${most}`]
}
