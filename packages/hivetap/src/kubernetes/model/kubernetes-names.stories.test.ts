import { expect, it } from 'vitest'
import { ADDRESSES, SimulatedCluster } from '../../../../../test/support/kubernetes/simulated-cluster.js'
import { wrongNames } from '../../../../../test/support/kubernetes/wrong-names.js'

/** What happened in made-up clusters that once had a wrong name, or seemed to. Each is held against what was so. */

const SECOND = 1000
const service = (name: string) => ({ name, port: 80, app: 'a' })

/** A pod that one Service leads to, since a minute. */
function given(watchMs: number) {
  const cluster = new SimulatedCluster({ clockMs: 0, stepMs: () => SECOND, watchMs: () => watchMs })
  for (const address of ADDRESSES.slice(0, 2)) cluster.addNode(address)
  cluster.pass(SECOND)
  cluster.addService(service('web'))
  cluster.addPod(0, 'a', false, 'p')
  cluster.pass(60 * SECOND)
  const toldAt = (timeMs: number) => cluster.names.farEnd('10.0.0.3', 8080, timeMs)
  return { cluster, toldAt }
}

const pod = { namespace: 'shop', name: 'p', uid: 'u3' }
const web = { namespace: 'shop', name: 'web', portName: 'p80' }

// Its selector finds the pod, but neither a proxy nor DNS ever sent a connect there: they go by slices.
it('a Service that was removed before a slice of it was made never led to the pod', () => {
  const { cluster, toldAt } = given(SECOND)
  cluster.addService(service('short'))
  cluster.pass(12)
  const timeMs = cluster.nowMs
  cluster.changeService(1, 'removed')
  cluster.pass(300 * SECOND)
  expect(toldAt(timeMs)).toEqual({ pod, service: web })
  expect(wrongNames(cluster).wrong).toEqual([])
})

// The controller removes slices that another Service of the name owned, and makes new ones.
it('a Service that is made anew under its name gets slices of its own, and in between the pod has none', () => {
  const { cluster, toldAt } = given(10 * SECOND)
  cluster.changeService(0, 'removed')
  cluster.pass(50)
  const timeMs = cluster.nowMs
  cluster.pass(50)
  cluster.addService(service('web'))
  cluster.pass(300 * SECOND)
  expect(toldAt(timeMs)).toEqual({ pod })
  expect(toldAt(cluster.nowMs)).toEqual({ pod, service: web })
  expect(wrongNames(cluster).wrong).toEqual([])
})

// A list tells what is there, not what came and went since the watch broke off.
it('a Service that came and went between two lists may have led to the pod: of that time none is told', () => {
  const { cluster, toldAt } = given(10 * SECOND)
  cluster.addService(service('short'))
  cluster.pass(2 * SECOND)
  const timeMs = cluster.nowMs
  cluster.changeService(1, 'removed')
  cluster.pass(2 * SECOND)
  cluster.streams.slices.list(cluster.nowMs)
  cluster.pass(300 * SECOND)
  expect(toldAt(timeMs)).toEqual({ pod })
  expect(toldAt(cluster.nowMs)).toEqual({ pod, service: web })
  expect(wrongNames(cluster).wrong).toEqual([])
})
