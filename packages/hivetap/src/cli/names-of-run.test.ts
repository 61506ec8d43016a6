import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { namesOfRun, nodeOfRun } from './names-of-run.js'

const TABLE = { output: 'table' } as const

describe('namesOfRun', () => {
  it('needs none for a plain table', () => {
    expect(namesOfRun(TABLE, {}, {})).toBeUndefined()
  })

  it('needs none for counts, unless they are of some pods', () => {
    expect(namesOfRun({ output: 'json' }, { count: true }, {})).toBeUndefined()
    expect(namesOfRun({ ...TABLE, pod: ['a'] }, { count: true }, {})?.only).toEqual({ pods: ['a'] })
  })

  it('asks a cluster where there is one, for JSON, a wide table, and columns that are picked', () => {
    const names = { kubernetes: 'auto', node: 'n1', labels: [] }
    const env = { NODE_NAME: 'n1' }
    expect(namesOfRun({ output: 'json' }, {}, env)).toEqual(names)
    expect(namesOfRun(TABLE, { wide: true }, env)).toEqual(names)
    expect(namesOfRun({ ...TABLE, columns: ['pod'] }, {}, env)).toEqual(names)
  })

  it('must know the cluster where only some pods are wanted', () => {
    expect(
      namesOfRun(
        { ...TABLE, namespace: ['shop'], selector: 'app=a', kubeconfig: 'k', context: 'c', nodeName: 'n2' },
        {},
        { NODE_NAME: 'n1' },
      ),
    ).toEqual({
      kubernetes: 'on',
      node: 'n2',
      labels: [],
      kubeconfig: 'k',
      context: 'c',
      only: { namespaces: ['shop'], labels: 'app=a' },
    })
  })
})

describe('nodeOfRun', () => {
  it('is what Kubernetes calls the node, else what the host calls itself', () => {
    expect(nodeOfRun({ nodeName: 'n2' }, { NODE_NAME: 'n1' })).toBe('n2')
    expect(nodeOfRun({}, { NODE_NAME: 'n1' })).toBe('n1')
    expect(nodeOfRun({}, { NODE_NAME: '' })).toBe(hostname())
  })
})
