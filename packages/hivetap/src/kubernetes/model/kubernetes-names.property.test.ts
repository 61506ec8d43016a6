import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ADDRESSES,
  OWN_NODE,
  type Pace,
  SERVICE_ADDRESSES,
  SHARED_ADDRESS,
  SimulatedCluster,
} from '../../../../../test/support/kubernetes/simulated-cluster.js'
import { PROXY_MS, trueFarEnd } from '../../../../../test/support/kubernetes/truth.js'
import { ASKED, ASKED_PORTS, wrongNames } from '../../../../../test/support/kubernetes/wrong-names.js'
import type { FarEnd } from '../whose.js'

/** More of them for a longer look: `NAMES_RUNS=5000`. */
const RUNS = Number(process.env['NAMES_RUNS'] ?? 40)
const NAMES = ['p0', 'p1', 'p2', 'p3', 'p4']

/** Something that happens, which a failed test can show. */
interface Step {
  readonly happens: (cluster: SimulatedCluster) => void
  readonly toString: () => string
}

function step<A extends readonly unknown[]>(
  text: string,
  args: { [K in keyof A]: fc.Arbitrary<A[K]> },
  happens: (cluster: SimulatedCluster, ...args: A) => void,
): fc.Arbitrary<Step> {
  return fc.tuple(...(args as unknown as fc.Arbitrary<unknown>[])).map((values) => ({
    happens: (cluster) => happens(cluster, ...(values as unknown as A)),
    toString: () => `${text} ${JSON.stringify(values)}`,
    [fc.toStringMethod]: () => `${text} ${JSON.stringify(values)}`,
  }))
}

const index = fc.nat(7)
const app = fc.constantFrom('a', 'b', 'none')
const usual = [
  {
    weight: 5,
    arbitrary: step(
      'pod',
      [index, app, fc.nat(3), fc.constantFrom(...NAMES)],
      (cluster, node, app, host, name) => cluster.addPod(node, app, host === 0, name),
    ),
  },
  {
    weight: 4,
    arbitrary: step('end of pod', [index, fc.boolean()], (cluster, pod, stays) => cluster.endPod(pod, stays)),
  },
  { weight: 2, arbitrary: step('readiness', [index], (cluster, pod) => cluster.changeReadiness(pod)) },
  { weight: 1, arbitrary: step('clean', [], (cluster) => cluster.removeOver()) },
  {
    weight: 1,
    arbitrary: step('node', [fc.constantFrom(...ADDRESSES)], (cluster, address) => cluster.addNode(address)),
  },
  { weight: 1, arbitrary: step('end of node', [index], (cluster, node) => cluster.removeNode(node)) },
  {
    weight: 3,
    arbitrary: step(
      'service',
      [
        fc.constantFrom('s0', 's1', 's2'),
        fc.option(fc.constantFrom(...SERVICE_ADDRESSES)),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom('a', 'b'),
      ],
      (cluster, name, address, isShared, isNodePort, app) =>
        cluster.addService({
          name,
          app,
          port: 80,
          ...(address === null ? {} : { address }),
          ...(isShared && address !== null ? { shared: SHARED_ADDRESS } : {}),
          ...(isNodePort && address !== null ? { nodePort: 30_080 } : {}),
        }),
    ),
  },
  {
    weight: 2,
    arbitrary: step(
      'service becomes',
      [index, fc.constantFrom('removed', 'port', 'headless')],
      (cluster, service, how) => cluster.changeService(service, how),
    ),
  },
]
/** A Service's life of seconds, in which slices may be made or not, and whose news may be lost. */
const brief = {
  weight: 1,
  arbitrary: step(
    'service for a moment',
    [fc.constantFrom('a', 'b'), fc.nat(8000), fc.boolean()],
    (cluster, app, forMs, isLost) => {
      cluster.addService({ name: 'brief', app, port: 80 })
      cluster.pass(forMs)
      cluster.changeService(
        cluster.services.findIndex(({ name }) => name === 'brief'),
        'removed',
      )
      if (!isLost) return
      // Until its slices are gone too.
      cluster.pass(3000)
      cluster.streams.slices.list(cluster.nowMs)
    },
  ),
}
const stream = fc.constantFrom('pods', 'services', 'slices', 'nodes')
const trouble = [
  {
    weight: 1,
    arbitrary: step('list', [stream], (cluster, name) => cluster.streams[name].list(cluster.nowMs)),
  },
  {
    weight: 1,
    arbitrary: step('silence', [stream, fc.integer({ min: 31_000, max: 200_000 })], (cluster, name, forMs) =>
      cluster.streams[name].silence(cluster.nowMs, forMs),
    ),
  },
]
const after = fc.oneof(fc.nat(3000), fc.nat(90_000))
const steps = (...all: readonly (typeof usual)[number][]) =>
  fc.array(fc.tuple(fc.oneof(...all), after), { minLength: 5, maxLength: 50 })

function given(pace: Pace): SimulatedCluster {
  const cluster = new SimulatedCluster(pace)
  for (const address of ADDRESSES.slice(0, 2)) cluster.addNode(address)
  cluster.pass(1)
  return cluster
}

/** What can be known where all news come at once: pods of other nodes by the slices of Services alone. */
function knowable(cluster: SimulatedCluster, address: string, is: FarEnd): FarEnd {
  // A list does not tell whether a backend was the only one before it.
  const isListed = cluster.nowMs - cluster.streams.slices.listedMs < PROXY_MS
  if (isListed && SERVICE_ADDRESSES.includes(address))
    return is.service === undefined ? {} : { service: is.service }
  const pod = cluster.pods.find(({ uid }) => uid === is.pod?.uid)
  if (pod === undefined) return is
  const isBacked = cluster.services.some(({ app }) => app === pod.app)
  if (isBacked || (pod.node === OWN_NODE && !pod.hostNetwork)) return is
  const { pod: _, service: __, ...rest } = is
  return rest
}

describe('names of a cluster, held against what was so', () => {
  it('are never wrong, however late the news come and whatever is given anew', () => {
    const counts = { named: 0, asked: 0 }
    fc.assert(
      fc.property(
        steps(...usual, brief, ...trouble),
        fc.integer({ min: -2000, max: 2000 }),
        fc.infiniteStream(fc.nat(3000)),
        fc.infiniteStream(fc.nat(15_000)),
        (history, clockMs, stepDelays, watchDelays) => {
          const cluster = given({
            clockMs,
            stepMs: () => stepDelays.next().value,
            watchMs: () => watchDelays.next().value,
          })
          for (const [{ happens }, forMs] of history) {
            happens(cluster)
            cluster.pass(forMs)
          }
          // News of all that was so have come.
          cluster.pass(300_000)
          const { asked, named, wrong } = wrongNames(cluster)
          expect(wrong.slice(0, 3)).toEqual([])
          counts.asked += asked
          counts.named += named
        },
      ),
      { numRuns: RUNS },
    )
    // Not by telling nothing.
    expect(counts.named / counts.asked).toBeGreaterThan(0.05)
  }, 120_000)

  it('are all told at once where the news come at once', () => {
    fc.assert(
      fc.property(steps(...usual, brief), (history) => {
        const cluster = given({ clockMs: 0, stepMs: () => 0, watchMs: () => 0 })
        for (const [{ happens }, forMs] of history) {
          happens(cluster)
          cluster.pass(forMs + 1)
          for (const address of ASKED)
            for (const port of ASKED_PORTS) {
              const is = knowable(cluster, address, trueFarEnd(cluster.truth, cluster.nowMs, address, port))
              const told = cluster.names.farEnd(address, port, cluster.nowMs)
              expect({ address, port, ...told }).toEqual({ address, port, ...is })
            }
        }
      }),
      { numRuns: RUNS },
    )
  }, 120_000)
})
