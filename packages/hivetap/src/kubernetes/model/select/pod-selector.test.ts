import { describe, expect, it } from 'vitest'
import { nodePodOf } from '../node-pod.js'
import { pickPod } from '../pick/pick-pod.js'
import { PodSelector, type PodSelectorOptions } from './pod-selector.js'
import { SelectorError } from './selector-error.js'

const object = {
  metadata: {
    namespace: 'shop',
    name: 'checkout-7d4-x2x',
    uid: 'u1',
    labels: { app: 'checkout', tier: 'front' },
  },
  status: {
    containerStatuses: [
      { name: 'app', image: 'app:1', containerID: `containerd://${'a'.repeat(64)}` },
      { name: 'proxy', image: 'proxy:1', containerID: `containerd://${'b'.repeat(64)}` },
    ],
  },
}
const picked = pickPod(object)
if (picked === undefined) throw new Error('a pod that is one was not picked')
const pod = nodePodOf(picked, undefined)

function wanted(options: PodSelectorOptions) {
  const containers = new PodSelector(options).containersOf(pod)
  return containers === 'all' ? 'all' : containers.map(({ name }) => name)
}

describe('a selector of pods', () => {
  it('wants all of a pod unless a container is named', () => {
    expect(new PodSelector({}).isAll).toBe(true)
    expect(wanted({})).toBe('all')
    expect(wanted({ namespaces: ['bank', 'shop'], labels: 'app in (checkout),!canary' })).toBe('all')
    expect(new PodSelector({ labels: 'app' }).isAll).toBe(false)
  })

  it('wants nothing of a pod that does not meet each part', () => {
    expect(wanted({ namespaces: ['bank'] })).toEqual([])
    expect(wanted({ namespaces: ['shop'], labels: 'app!=checkout' })).toEqual([])
    expect(wanted({ pods: ['checkout'] })).toEqual([])
    expect(wanted({ pods: [], containers: ['app'] })).toEqual([])
  })

  it('knows names with stars', () => {
    expect(wanted({ pods: ['checkout-*'] })).toBe('all')
    expect(wanted({ pods: ['cart', '*-x2x'] })).toBe('all')
    expect(wanted({ pods: ['*7d4*x'], containers: ['pro*'] })).toEqual(['proxy'])
    // The parts must not lie on one another.
    expect(wanted({ pods: ['checkout-7d4-x2*2x'] })).toEqual([])
    expect(wanted({ pods: ['*x2x*x2x'] })).toEqual([])
    expect(wanted({ containers: ['app', 'other'] })).toEqual(['app'])
  })

  it('names the part that cannot be read', () => {
    expect(() => new PodSelector({ namespaces: ['Shop'] })).toThrow('"Shop" is no name of a namespace')
    expect(() => new PodSelector({ pods: ['a/b'] })).toThrow('"a/b" is no name of a pod')
    expect(() => new PodSelector({ containers: [''] })).toThrow(SelectorError)
    expect(() => new PodSelector({ labels: 'a b' })).toThrow(SelectorError)
  })
})
