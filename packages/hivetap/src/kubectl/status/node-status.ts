import type { JsonObject } from '../../stream/json-object.js'
import type { Agent } from '../agents/agent.js'
import type { Answer } from '../agents/ask-agents.js'

/** How an agent does. */
export interface NodeStatus {
  readonly agent: Agent
  /** `running`: it is one that tells no health, and Kubernetes is content with it. */
  readonly state: 'healthy' | 'running' | 'degraded' | 'not healthy' | 'not running' | 'no answer'
  readonly version?: string
  /** Tools that are attached, each with its step of the ladder: `tcpconnlat (tp_btf)`. */
  readonly tools: readonly string[]
  /** Events a second, while it was looked at. */
  readonly perSecond?: number
  /** What was lost since the agent began, by reason: on its way to the spool, and to each sink. */
  readonly lost: Readonly<Record<string, number>>
  /** What there is to say besides. */
  readonly reasons: readonly string[]
  /** All that it told. */
  readonly health?: JsonObject
}

/** What two looks at an agent, some time apart, say of it. */
export function nodeStatus(before: Answer, after: Answer): NodeStatus {
  const { agent, json, reason } = after
  if (agent.running && agent.healthPath === undefined) return withoutHealth(agent)
  if (json === undefined)
    return {
      agent,
      state: agent.running ? 'no answer' : 'not running',
      tools: [],
      lost: {},
      reasons: reason === undefined ? [] : [reason],
    }
  const health = objectIn(json, 'health')
  const state = objectIn(health, 'state')
  const perSecond = rateOf(before, after)
  const { version, healthy, text } = json
  const reasons = textsIn(health, 'reasons')
  return {
    agent,
    state: healthy !== true ? 'not healthy' : health['degraded'] === true ? 'degraded' : 'healthy',
    ...(typeof version === 'string' ? { version } : {}),
    tools: listIn(state, 'tools').flatMap(toolOf),
    ...(perSecond === undefined ? {} : { perSecond }),
    lost: lossesOf(state),
    reasons: reasons.length === 0 && healthy !== true && typeof text === 'string' ? [text] : reasons,
    health,
  }
}

/** Of a pod that runs a tool, whose table is its log. */
function withoutHealth(agent: Agent): NodeStatus {
  const { ready, runs, version } = agent
  return {
    agent,
    state: ready ? 'running' : 'not healthy',
    ...(version === undefined ? {} : { version }),
    tools: runs === undefined || runs === 'agent' ? [] : [runs],
    lost: {},
    reasons: ready ? [] : ['it is not ready'],
  }
}

function rateOf(before: Answer, after: Answer): number | undefined {
  const [one, other] = [before, after].map(({ json = {} }) => {
    const health = objectIn(json, 'health')
    const state = objectIn(health, 'state')
    return { epoch: state['epoch'], ms: health['monotonic_ms'], produced: state['produced'] }
  })
  if (one === undefined || other === undefined || one.epoch !== other.epoch) return undefined
  const ms = Number(other.ms) - Number(one.ms)
  const count = Number(other.produced) - Number(one.produced)
  // A health file is written now and then: it may be the same one.
  return ms > 0 && count >= 0 ? (count * 1000) / ms : undefined
}

function toolOf(tool: JsonObject): string[] {
  if (tool['attached'] !== true || typeof tool['tool'] !== 'string') return []
  return [typeof tool['rung'] === 'string' ? `${tool['tool']} (${tool['rung']})` : tool['tool']]
}

function lossesOf(state: JsonObject): Record<string, number> {
  const lost: Record<string, number> = {}
  const add = (prefix: string, counts: JsonObject) => {
    for (const [reason, count] of Object.entries(counts))
      if (typeof count === 'number' && count > 0) lost[prefix + reason] = (lost[prefix + reason] ?? 0) + count
  }
  add('', objectIn(state, 'dropped'))
  for (const sink of listIn(state, 'sinks')) add(`${String(sink['name'])}: `, objectIn(sink, 'lost'))
  return lost
}

function objectIn(record: JsonObject, name: string): JsonObject {
  const value = record[name]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

function listIn(record: JsonObject, name: string): readonly JsonObject[] {
  const value = record[name]
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : []
}

function textsIn(record: JsonObject, name: string): readonly string[] {
  const value = record[name]
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}
