import { DeliveryError } from '../../delivery/destination.js'
import { brokerAnswer, causesOf } from './causes.js'
import { tlsFault } from './tls-faults.js'

/** What was being done, for the message. */
export interface Attempt {
  /** What was asked: a broker's address, or several. */
  readonly brokers: string
  readonly topic?: string | undefined
  readonly user?: string | undefined
  /** Whether we have a certificate to show. */
  readonly hasCertificate?: boolean | undefined
}

type Fault = readonly [kind: string, passing: boolean, say: (attempt: Attempt) => string]

const topicOf = ({ topic }: Attempt) => (topic === undefined ? 'the topic' : `topic ${topic}`)
const user = (attempt: Attempt) => attempt.user ?? 'whoever signs in without a name'

const NOT_ENOUGH: Fault = [
  'not_enough_replicas',
  true,
  (attempt) =>
    `Too few replicas of ${topicOf(attempt)} are in sync for min.insync.replicas: brokers are down or behind.`,
]
const MOVED: Fault = [
  'leader_missing',
  true,
  (attempt) => `A partition of ${topicOf(attempt)} has no leader now, or it has moved.`,
]
const NOT_ALLOWED: Fault = [
  'authorization_failed',
  false,
  (attempt) =>
    `The brokers do not let ${user(attempt)} write to ${topicOf(attempt)}: allow it Describe and Write there.`,
]
const MISSING: Fault = [
  'topic_missing',
  false,
  (attempt) =>
    `There is no ${topicOf(attempt)} at ${attempt.brokers}: create it, for one with hivetap kafka init.`,
]

/** What brokers answer, by the protocol's names. */
const ANSWERS: Readonly<Record<string, Fault>> = {
  NOT_ENOUGH_REPLICAS: NOT_ENOUGH,
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: NOT_ENOUGH,
  NOT_LEADER_OR_FOLLOWER: MOVED,
  LEADER_NOT_AVAILABLE: MOVED,
  FENCED_LEADER_EPOCH: MOVED,
  UNKNOWN_LEADER_EPOCH: MOVED,
  REPLICA_NOT_AVAILABLE: MOVED,
  UNKNOWN_TOPIC_OR_PARTITION: MISSING,
  UNKNOWN_TOPIC_ID: MISSING,
  INVALID_TOPIC_EXCEPTION: [
    'topic_invalid',
    false,
    (attempt) => `The brokers refuse the name of ${topicOf(attempt)}.`,
  ],
  TOPIC_AUTHORIZATION_FAILED: NOT_ALLOWED,
  CLUSTER_AUTHORIZATION_FAILED: NOT_ALLOWED,
  UNSUPPORTED_SASL_MECHANISM: [
    'authentication_failed',
    false,
    ({ brokers }) => `${brokers} does not offer this sasl.mechanism.`,
  ],
  ILLEGAL_SASL_STATE: [
    'authentication_failed',
    false,
    ({ brokers }) =>
      `${brokers} does not expect sasl on this port: leave it out, or take the port that has it.`,
  ],
  REQUEST_TIMED_OUT: [
    'broker_slow',
    true,
    (attempt) => `The replicas of ${topicOf(attempt)} did not confirm in time.`,
  ],
  UNSUPPORTED_COMPRESSION_TYPE: [
    'compression_refused',
    false,
    (attempt) => `${topicOf(attempt)} does not take this compression: choose another.`,
  ],
  INVALID_RECORD: [
    'record_refused',
    false,
    (attempt) =>
      `The brokers refuse records for ${topicOf(attempt)}: a topic that is compacted takes only records with a key.`,
  ],
  POLICY_VIOLATION: [
    'policy',
    false,
    (attempt) => `A policy of the brokers forbids this for ${topicOf(attempt)}.`,
  ],
  KAFKA_STORAGE_ERROR: ['broker_storage', true, ({ brokers }) => `A disk of ${brokers} fails.`],
  UNSUPPORTED_VERSION: [
    'broker_too_old',
    false,
    ({ brokers }) => `${brokers} is older than Kafka 2.4, which is the oldest that is spoken to.`,
  ],
}

/** Errors of the library that say that it could not read an answer. */
const UNREADABLE = /CORRELATION|OUT_OF_BOUNDS|UNSUPPORTED|UNFINISHED/

/** Whatever went wrong at a broker, as who delivers is told it: what it is called, whether it passes, what to do. */
export function faultOf(error: unknown, attempt: Attempt): DeliveryError {
  const causes = causesOf(error)
  const known = causes.find((cause) => cause instanceof DeliveryError)
  if (known instanceof DeliveryError) return known
  const [kind, passing, message] = describe(causes, attempt)
  return new DeliveryError(kind, message, { passing, cause: error })
}

function describe(
  causes: readonly Record<string, unknown>[],
  attempt: Attempt,
): readonly [string, boolean, string] {
  const { brokers } = attempt
  const id = brokerAnswer(causes[0])
  const answer = id === undefined ? undefined : ANSWERS[id]
  if (answer !== undefined) return [answer[0], answer[1], answer[2](attempt)]
  const codes = causes.map((cause) => String(cause['code']))
  const signIn = codes.indexOf('PLT_KFK_AUTHENTICATION')
  // The way broke in the midst of it: that says nothing about the password.
  const isCut = signIn >= 0 && codes.indexOf('PLT_KFK_NETWORK', signIn) > signIn
  if ((signIn >= 0 && !isCut) || id === 'SASL_AUTHENTICATION_FAILED')
    return [
      'authentication_failed',
      false,
      `${brokers} does not accept the sign-in of ${user(attempt)}: mend the name, or the password or token in its file. It is read anew for the next try.`,
    ]
  if (id !== undefined)
    return [
      'broker_error',
      causes.every((cause) => cause['canRetry'] !== false),
      `${brokers} answered ${id}${inItsWords(causes)}.`,
    ]
  const tls = tlsFault(causes, attempt)
  if (tls !== undefined) return [tls[0], false, tls[1]]
  if (
    codes.some((code) => UNREADABLE.test(code)) ||
    causes.some((cause) => cause instanceof RangeError || cause instanceof TypeError)
  )
    return [
      'protocol',
      true,
      `What ${brokers} answers is not Kafka's protocol: see that the port is the right one.`,
    ]
  const why = causes.map((cause) => String(cause['message'])).at(-1)
  return [
    'broker_unreachable',
    true,
    `No answer from ${brokers}: ${why}. See that it runs, that the port is right, and whether it asks for TLS or SASL.`,
  ]
}

/** What the broker said besides, if it did. */
function inItsWords(causes: readonly Record<string, unknown>[]): string {
  const said = causes.map((cause) => cause['serverErrorMessage']).find((text) => typeof text === 'string')
  return said === undefined || said === '' ? '' : `: ${String(said).replace(/\.$/, '')}`
}
