import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PodOwner, workloadOf } from './workload.js'

const MADE = Date.UTC(2026, 10, 28, 12)
const MINUTES = MADE / 60_000

function workload(
  owner: Record<string, unknown> | undefined,
  { labels = {}, ...more }: Omit<Partial<PodOwner>, 'labels'> & { labels?: Record<string, string> } = {},
): string {
  const { kind, name } = workloadOf({
    podName: 'p-1',
    isStatic: false,
    createdMs: MADE,
    labels: new Map(Object.entries(labels)),
    ownerReferences: owner === undefined ? undefined : [{ controller: true, ...owner }],
    ...more,
  })
  return `${kind}/${name}`
}

const set = (name: string) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name })
const job = (name: string) => ({ apiVersion: 'batch/v1', kind: 'Job', name })

describe('the workload of a pod', () => {
  it('is the Deployment, where the ReplicaSet’s name ends with the hash that the pod has', () => {
    const labels = { 'pod-template-hash': '6d4b75cb6d' }
    expect(workload(set('checkout-6d4b75cb6d'), { labels })).toBe('Deployment/checkout')
    expect(workload(set('checkout-v2-6d4b75cb6d'), { labels })).toBe('Deployment/checkout-v2')
    expect(workload(set('checkout-6d4b75cb6d'))).toBe('ReplicaSet/checkout-6d4b75cb6d')
    expect(workload(set('checkout-other'), { labels })).toBe('ReplicaSet/checkout-other')
    expect(workload(set('6d4b75cb6d'), { labels })).toBe('ReplicaSet/6d4b75cb6d')
    expect(workload(set('checkout-'), { labels: { 'pod-template-hash': '' } })).toBe('Pod/p-1')
  })

  it('is the Rollout, where it is one of Argo’s', () => {
    const labels = { 'rollouts-pod-template-hash': 'abc' }
    expect(workload(set('checkout-abc'), { labels })).toBe('Rollout/checkout')
  })

  it('is of another group’s ReplicaSet that itself', () => {
    const labels = { 'pod-template-hash': 'abc' }
    expect(workload({ ...set('x-abc'), apiVersion: 'example.com/v1' }, { labels })).toBe('ReplicaSet/x-abc')
  })

  it('is the CronJob, where the Job’s name ends with the minute for which it was made', () => {
    expect(workload(job(`backup-${MINUTES}`))).toBe('CronJob/backup')
    expect(workload(job(`backup-${MINUTES - 60}`))).toBe('CronJob/backup')
    expect(workload(job(`back-up-2-${MINUTES}`))).toBe('CronJob/back-up-2')
  })

  it('is the Job, where the number may be anything else', () => {
    for (const name of [
      'backup',
      'backup-20261128',
      'backup-1',
      `backup-${MINUTES + 60}`,
      `backup-${MINUTES - 20_000}`,
    ])
      expect(workload(job(name))).toBe(`Job/${name}`)
    expect(workload(job(`backup-${MINUTES}`), { createdMs: undefined })).toBe(`Job/backup-${MINUTES}`)
    expect(workload(job(`${MINUTES}`))).toBe(`Job/${MINUTES}`)
  })

  it('is the pod itself, of one without owner, and of a static one, whose owner is its node', () => {
    expect(workload(undefined)).toBe('Pod/p-1')
    expect(workload({ ...set('x'), controller: false })).toBe('Pod/p-1')
    expect(workload({ apiVersion: 'v1', kind: 'Node', name: 'n1' }, { isStatic: true })).toBe('Pod/p-1')
    expect(workload({ apiVersion: 'v1', kind: 'Node', name: 'n1' })).toBe('Pod/p-1')
  })

  it('is of others as they are', () => {
    expect(workload({ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' })).toBe('StatefulSet/db')
    expect(workload({ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'log' })).toBe('DaemonSet/log')
    expect(workload(job('once'))).toBe('Job/once')
    expect(workload({ apiVersion: 'sparkoperator.k8s.io/v1', kind: 'SparkApplication', name: 'etl' })).toBe(
      'SparkApplication/etl',
    )
  })

  it('is always one, whatever the references are', () => {
    fc.assert(
      fc.property(fc.anything(), (ownerReferences) => {
        const { kind, name } = workloadOf({
          podName: 'p',
          isStatic: false,
          labels: new Map(),
          createdMs: MADE,
          ownerReferences,
        })
        expect([kind, name].every((text) => text.length > 0 && text.length <= 253)).toBe(true)
      }),
    )
  })
})
