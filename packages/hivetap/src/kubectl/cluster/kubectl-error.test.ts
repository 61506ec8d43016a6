import { describe, expect, it } from 'vitest'
import { kubectlError, reasonOf } from './kubectl-error.js'

describe('what kubectl says', () => {
  it('of a right that is missing is told with its rule', () => {
    const stderr =
      'Error from server (Forbidden): pods is forbidden: User "eve" cannot list resource "pods" in API group "" at the cluster scope\n'
    const { message, hint } = kubectlError('list the agents', stderr)
    expect(message).toBe(
      'Cannot list the agents: pods is forbidden: User "eve" cannot list resource "pods" in API group "" at the cluster scope',
    )
    expect(hint).toBe(
      'It takes a ClusterRole with this rule: {apiGroups: [""], resources: ["pods"], verbs: ["list"]}.',
    )
  })

  it.each([
    {
      stderr:
        'E1128 14:00:00.000000 1 memcache.go:265] "Unhandled Error"\nThe connection to the server localhost:8080 was refused - did you specify the right host or port?\n',
      says: 'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
    },
    { stderr: 'error: context "x" does not exist\n', says: 'context "x" does not exist' },
    {
      stderr: 'Error from server (NotFound): namespaces "x" not found\n',
      says: 'namespaces "x" not found',
    },
    { stderr: '', says: 'kubectl does not say why' },
  ])('is told without what it begins with: $says', ({ stderr, says }) => {
    expect(reasonOf(stderr)).toBe(says)
  })
})
