// @ts-check
/** What the chart's values may be. Of the agent's configuration it says what the agent's own schema says. */

/** @typedef {{ [key: string]: unknown, properties?: Record<string, Schema | undefined> }} Schema */

const TEXT = { type: 'string' }
const NAME = { type: 'string', minLength: 1, maxLength: 253 }
const SWITCH = { type: 'boolean' }
const SIZE = { type: 'string', pattern: '^\\d+(\\.\\d+)?([EPTGMk]|[EPTGM]i|Ki|m)?$' }
const LABELS = { type: 'object', additionalProperties: TEXT }
const ANYTHING = { type: 'object' }
const QUANTITIES = {
  type: 'object',
  additionalProperties: { anyOf: [SIZE, { type: 'number', exclusiveMinimum: 0 }] },
}

/** Keys of the agent that the chart says itself, by other values. */
const SAID_ELSEWHERE = ['tools', 'node', 'health', 'pin']

/**
 * @param {Schema} agent the schema of the agent's configuration
 * @returns {Schema}
 */
export function chartSchema(agent) {
  return withoutLookaround(valuesSchema(agent))
}

/**
 * Without patterns that helm's regular expressions do not know. The agent holds its configuration against them itself.
 *
 * @template T
 * @param {T} schema
 * @returns {T}
 */
function withoutLookaround(schema) {
  return JSON.parse(
    JSON.stringify(schema, (key, value) =>
      key === 'pattern' && typeof value === 'string' && /\(\?(?!:)/.test(value) ? undefined : value,
    ),
  )
}

/**
 * @param {Schema} agent
 * @returns {Schema}
 */
function valuesSchema(agent) {
  const { tools, ...keys } = agent.properties ?? {}
  for (const key of SAID_ELSEWHERE) delete keys[key]
  const spool = { ...keys['spool'], properties: { ...keys['spool']?.properties } }
  delete spool.properties?.['dir']
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Values of hivetap’s chart',
    ...strict({
      tools,
      output: choice('auto', 'table', 'json', 'none'),
      args: { type: 'array', items: TEXT },
      kafka: kafkaSchema(agent),
      secrets: { type: 'array', items: NAME, uniqueItems: true },
      config: strict({ ...keys, spool }),
      spool: strict({ kind: choice('memory', 'emptyDir', 'hostPath'), sizeLimit: SIZE, hostPath: path() }),
      pin: strict({ enabled: SWITCH, directory: { type: 'string', pattern: '^/sys/fs/bpf/.' } }),
      image: strict({
        repository: { type: 'string', minLength: 1 },
        tag: TEXT,
        digest: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
        pullPolicy: choice('Always', 'IfNotPresent', 'Never'),
        pullSecrets: { type: 'array', items: NAME },
      }),
      rights: strict({ sysAdmin: SWITCH, sysResource: SWITCH }),
      tracefs: strict({ enabled: SWITCH }),
      hostPID: SWITCH,
      seccomp: strict({ type: choice('RuntimeDefault', 'Localhost'), localhostProfile: NAME }),
      serviceAccount: strict({ create: SWITCH, name: TEXT, annotations: LABELS }),
      rbac: strict({ create: SWITCH }),
      networkPolicy: strict({ enabled: SWITCH, egress: { type: 'array', items: ANYTHING } }),
      resources: strict({ requests: QUANTITIES, limits: QUANTITIES }),
      probes: strict({ enabled: SWITCH, periodSeconds: seconds(), timeoutSeconds: seconds() }),
      updateStrategy: strict({ type: choice('RollingUpdate', 'OnDelete'), rollingUpdate: ANYTHING }),
      terminationGracePeriodSeconds: seconds(),
      priorityClassName: TEXT,
      tolerations: { type: 'array', items: ANYTHING },
      nodeSelector: LABELS,
      affinity: ANYTHING,
      podLabels: LABELS,
      podAnnotations: LABELS,
      namespace: strict({ create: SWITCH }),
      nameOverride: { type: 'string', pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' },
      // Helm gives it to charts within charts.
      global: ANYTHING,
    }),
  }
}

/**
 * A sink of type kafka, of which nothing needs to be said while it is off.
 *
 * @param {Schema} agent
 */
function kafkaSchema(agent) {
  const sinks = /** @type {{ items?: { oneOf?: Schema[] } } | undefined} */ (agent.properties?.['sinks'])
  const kafka = sinks?.items?.oneOf?.find(({ properties }) => properties?.['type']?.['const'] === 'kafka')
  if (kafka === undefined) throw new Error('The agent’s schema has no sink of type kafka')
  const { type: _, ...properties } = kafka.properties ?? {}
  return strict({ enabled: SWITCH, ...properties })
}

/** @param {Record<string, Schema | undefined>} properties */
function strict(properties) {
  return { type: 'object', properties, additionalProperties: false }
}

/** @param {string[]} values */
function choice(...values) {
  return { type: 'string', enum: values }
}

function path() {
  return { type: 'string', pattern: '^/' }
}

function seconds() {
  return { type: 'integer', minimum: 1 }
}
