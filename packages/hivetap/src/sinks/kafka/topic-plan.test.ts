import { expect, test } from 'vitest'
import { planTopic } from './topic-plan.js'

const IS = {
  partitions: 6,
  replication: 3,
  configs: new Map([
    ['cleanup.policy', 'delete'],
    ['min.insync.replicas', '2'],
    ['retention.ms', '604800000'],
  ]),
}

test('a topic that is not there is planned for the brokers that there are', () => {
  expect(planTopic('t', {}, { brokers: 5, topic: undefined })).toMatchObject({
    kind: 'create',
    shape: { partitions: 6, replication: 3 },
  })
  const small = planTopic('t', { partitions: 1, retentionMs: -1 }, { brokers: 1, topic: undefined })
  expect(small).toMatchObject({ kind: 'create', shape: { partitions: 1, replication: 1 } })
  expect(small.kind === 'create' && Object.fromEntries(small.shape.configs)).toEqual({
    'cleanup.policy': 'delete',
    'min.insync.replicas': '1',
    'retention.ms': '-1',
  })
})

test('of one that is there, what was asked for is looked at', () => {
  expect(planTopic('t', {}, { brokers: 1, topic: IS }).kind).toBe('equal')
  expect(
    planTopic('t', { partitions: 6, minInsync: 2, replication: 3 }, { brokers: 1, topic: IS }).kind,
  ).toBe('equal')
  expect(planTopic('t', { partitions: 12, retentionMs: 1000 }, { brokers: 3, topic: IS })).toMatchObject({
    kind: 'different',
    differences: [
      { what: 'partitions', is: '6', wanted: '12' },
      { what: 'retention.ms', is: '604800000', wanted: '1000' },
    ],
  })
})

test('a topic that keeps the last record of each key alone is never right', () => {
  const compacted = { ...IS, configs: new Map([...IS.configs, ['cleanup.policy', 'compact']]) }
  expect(planTopic('t', {}, { brokers: 3, topic: compacted })).toMatchObject({
    kind: 'different',
    differences: [{ what: 'cleanup.policy' }],
  })
})
