import {
  AuthenticationError,
  MultipleErrors,
  NetworkError,
  ProtocolError,
  protocolErrors,
  TimeoutError,
  UnexpectedCorrelationIdError,
} from '@platformatic/kafka'
import { describe, expect, test } from 'vitest'
import { DeliveryError } from '../../delivery/destination.js'
import { causesOf } from './causes.js'
import { faultOf } from './faults.js'

const ATTEMPT = { brokers: 'a:9092', topic: 'events', user: 'me' }

describe('what went wrong', () => {
  test('is found however deep it lies', () => {
    const wrong = new AuthenticationError('no', { cause: new ProtocolError('SASL_AUTHENTICATION_FAILED') })
    const nested = new MultipleErrors('all', [
      new NetworkError('first'),
      new NetworkError('second', { cause: wrong }),
    ])
    expect(faultOf(nested, ATTEMPT)).toMatchObject({ kind: 'authentication_failed', passing: false })
  })

  test('a way that broke while we signed in says nothing of the password', () => {
    const closed = new AuthenticationError('no', { cause: new NetworkError('Connection closed') })
    const error = new NetworkError('failed', { cause: closed })
    expect(faultOf(error, ATTEMPT)).toMatchObject({ kind: 'broker_unreachable', passing: true })
  })

  test.each([
    ['NOT_ENOUGH_REPLICAS', 'not_enough_replicas', true],
    ['NOT_LEADER_OR_FOLLOWER', 'leader_missing', true],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'topic_missing', false],
    ['TOPIC_AUTHORIZATION_FAILED', 'authorization_failed', false],
    ['REQUEST_TIMED_OUT', 'broker_slow', true],
    ['CORRUPT_MESSAGE', 'broker_error', true],
  ] as const)('%s is %s', (id, kind, passing) => {
    expect(faultOf(new ProtocolError(id), ATTEMPT)).toMatchObject({ kind, passing })
  })

  test.each([
    [new TimeoutError('Request timed out'), 'broker_unreachable'],
    [
      new NetworkError('x', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) }),
      'broker_unreachable',
    ],
    [
      new NetworkError('x', {
        cause: Object.assign(new Error('self-signed'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }),
      }),
      'tls_failed',
    ],
    [new UnexpectedCorrelationIdError('x'), 'protocol'],
    [new RangeError('x'), 'protocol'],
  ])('%s is %s', (error, kind) => {
    expect(faultOf(error, ATTEMPT).kind).toBe(kind)
  })

  test.each([
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', undefined, 'certificate_refused', 'asks for'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', false, 'certificate_refused', 'asks for'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', true, 'certificate_refused', 'does not take'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', true, 'certificate_refused', 'does not take'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', true, 'certificate_refused', 'does not take'],
    ['ERR_OSSL_X509_KEY_VALUES_MISMATCH', true, 'certificate_unusable', 'key_file'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', true, 'tls_failed', 'No encrypted connection'],
    ['CERT_HAS_EXPIRED', true, 'tls_failed', 'No encrypted connection'],
  ])('%s, with a certificate of ours %s: %s', (code, hasCertificate, kind, text) => {
    const error = new NetworkError('x', { cause: Object.assign(new Error('why'), { code }) })
    expect(faultOf(error, { ...ATTEMPT, hasCertificate })).toMatchObject({
      kind,
      passing: false,
      message: expect.stringContaining(text),
    })
  })

  test('has a sentence for whatever a broker can answer', () => {
    for (const id of Object.keys(protocolErrors) as (keyof typeof protocolErrors)[]) {
      const fault = faultOf(new ProtocolError(id), ATTEMPT)
      expect(fault).toBeInstanceOf(DeliveryError)
      expect(fault.message).toMatch(/^[A-Za-z].+\.$/)
    }
  })

  test('may be anything at all', () => {
    const circle: Error & { cause?: unknown } = new Error('round')
    circle.cause = circle
    for (const error of [undefined, null, 'text', 5, {}, circle])
      expect(faultOf(error, ATTEMPT).kind).toBe('broker_unreachable')
    expect(causesOf(circle)).toHaveLength(1)
  })
})
