import { type Client, type Connected, canonical, type EndPoint } from '../../support/client.js'
import { events, Hivetap, type JsonEvent } from '../../support/hivetap.js'
import type { Condition } from './conditions.mjs'

/** A step of the ladder; `any` lets hivetap choose. */
export interface Step {
  readonly rung: 'any' | 'tp_btf' | 'raw_tp' | 'tracepoint'
  readonly buffer: 'any' | 'ringbuf' | 'perf'
}

/** What came of a step under a condition. */
export interface CellResult extends Step {
  readonly condition: string
  /** `ok`: every value was right; `no`: it said that it cannot, and why; `wrong`: anything else, which is a defect. */
  readonly state: 'ok' | 'no' | 'wrong'
  /** What it said, or what is wrong. */
  readonly reason?: string
  /** The step that was taken. */
  readonly taken?: string
  /** Fields that it said it cannot fill. */
  readonly without?: readonly string[]
}

/** A port on loopback where nobody listens. */
const NOBODY = 1
const ADDRESSES = [
  { address: '127.0.0.1', version: 4 },
  { address: '::1', version: 6 },
  { address: '::ffff:127.0.0.1', version: 6 },
] as const

/** Runs hivetap on one step, makes connections, and holds every value against what the connections' own program says. */
export async function runCell(client: Client, condition: Condition, step: Step): Promise<CellResult> {
  const { pid } = await client.who()
  const run = new Hivetap(
    ['tcpconnlat', '-p', String(pid), '-x', '-v', '--stats', '-o', 'json', ...stepArguments(step)],
    condition,
  )
  const cell = { condition: condition.id, ...step }
  try {
    const refusal = await refusalOf(run)
    if (refusal !== undefined) return { ...cell, ...refusal }
    const made = await makeConnects(client)
    await run.until(({ lines }) => lines.length >= made.length, `${made.length} events`)
    const problems = [
      ...(await problemsOfEnd(run, made.length)),
      ...(await problemsOfEvents(client, run, made)),
    ]
    const taken = /attached by (\w+), events through a (ring|perf) buffer/.exec(run.stderr)
    return {
      ...cell,
      state: problems.length === 0 ? 'ok' : 'wrong',
      ...(problems.length === 0 ? {} : { reason: problems.join('; ') }),
      taken: `${taken?.[1]} ${taken?.[2] === 'ring' ? 'ringbuf' : 'perf'}`,
      without: missingFields(run),
    }
  } catch (error) {
    return { ...cell, state: 'wrong', reason: error instanceof Error ? error.message : String(error) }
  } finally {
    await run.kill()
  }
}

function stepArguments({ rung, buffer }: Step): string[] {
  return [...(rung === 'any' ? [] : ['--hook', rung]), ...(buffer === 'any' ? [] : ['--buffer', buffer])]
}

/** Resolves when it is attached, or with what it said before it ended. */
async function refusalOf(run: Hivetap): Promise<Pick<CellResult, 'state' | 'reason'> | undefined> {
  await run.until(
    ({ child, stderr }) => child.exitCode !== null || stderr.includes('attached by'),
    'attached, or an end',
  )
  if (run.child.exitCode === null) return undefined
  const { code } = await run.ended()
  const [first = '', ...others] = run.stderr.trimEnd().split('\n')
  const said = first.replace(/^hivetap: /, '').replace(/; \d+ lines of log/, '')
  const clean = code === 1 && first.startsWith('hivetap: ') && !others.some((line) => /^\s+at /.test(line))
  return { state: clean ? 'no' : 'wrong', reason: clean ? said : `exit status ${code}: ${run.stderr}` }
}

/** A connect that was made, as its own program and sockets tell it. */
interface Made {
  readonly connected: Connected
  readonly remote: EndPoint
  readonly version: number
}

async function makeConnects(client: Client): Promise<Made[]> {
  const made: Made[] = []
  for (const { address, version } of ADDRESSES) {
    const listener = await client.listen(address)
    const good = await client.connect(listener)
    made.push({ connected: good, remote: listener, version })
    const remote = { address, port: NOBODY }
    made.push({ connected: await client.connect(remote), remote, version })
    await client.close(good.fd)
    await client.close(listener.fd)
  }
  return made
}

async function problemsOfEnd(run: Hivetap, count: number): Promise<string[]> {
  const { code } = await run.end()
  const problems: string[] = []
  if (code !== 0) problems.push(`exit status ${code}`)
  const balance = `${count} connects: ${count} told, 0 left out by filters, 0 under way, 0 lost`
  if (!run.stderr.includes(balance)) problems.push(`the balance is not “${balance}”: ${run.stderr}`)
  return problems
}

async function problemsOfEvents(client: Client, run: Hivetap, made: readonly Made[]): Promise<string[]> {
  const who = await client.who()
  const seen = events(run)
  const without = new Set(missingFields(run))
  if (seen.length !== made.length) return [`${seen.length} events of ${made.length} connects`]
  return made.flatMap(({ connected, remote, version }, index) => {
    const event = seen[index] ?? {}
    const refused = connected.errno !== 0
    const expected: Record<string, string | number> = {
      pid: who.pid,
      tid: who.pid,
      uid: who.uid,
      comm: who.comm,
      ip_version: version,
      source_address: canonical(connected.local.address),
      source_port: connected.local.port,
      destination_address: canonical(remote.address),
      destination_port: remote.port,
      retransmits: 0,
      outcome: refused ? 'refused' : 'connected',
      ...(without.has('netns') ? {} : { netns: who.netns }),
      ...(refused && !without.has('error') ? { error: 'ECONNREFUSED', error_code: 111 } : {}),
    }
    return [
      ...Object.entries(expected)
        .filter(([field, value]) => event[field] !== value)
        .map(([field, value]) => `${field} of event ${index} is ${event[field]}, not ${value}`),
      ...problemsOfLatency(event, connected, refused || without.has('srtt_us'), index),
      ...[...without].filter((field) => field in event).map((field) => `event ${index} has a ${field}`),
    ]
  })
}

/** The test's own clock stood around the connect: neither latency nor round trip can be more than that. */
function problemsOfLatency(event: JsonEvent, connected: Connected, noRtt: boolean, index: number): string[] {
  const latency = Number(event['latency_us'])
  const problems: string[] = []
  if (!(latency > 0 && latency <= connected.tookUs))
    problems.push(`latency of event ${index} is ${latency} µs, the connect took ${connected.tookUs}`)
  if (noRtt) return problems
  const rtt = Number(event['srtt_us'])
  if (!(rtt > 0 && rtt <= connected.tookUs)) problems.push(`srtt of event ${index} is ${rtt} µs`)
  return problems
}

/** Fields that `-v` says are not known. */
function missingFields(run: Hivetap): string[] {
  return [...run.stderr.matchAll(/^hivetap: (\w+) is not known here/gm)].map(([, field = '']) => field)
}
