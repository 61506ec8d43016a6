import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ADDRESSES,
  OWN_NODE,
  SERVICE_ADDRESSES,
  SHARED_ADDRESS,
  SimulatedCluster,
} from '../../../../../test/support/kubernetes/simulated-cluster.js'
import { trueFarEnd } from '../../../../../test/support/kubernetes/truth.js'
import type { FarEnd } from '../whose.js'
import { KubernetesNames } from './kubernetes-names.js'

const ASKED = [...ADDRESSES, ...SERVICE_ADDRESSES, SHARED_ADDRESS]
const ASKED_PORTS = [80, 1080, 7070, 8080, 9090, 30_080]
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

function begin(cluster: SimulatedCluster): void {
  for (const address of ADDRESSES.slice(0, 2)) cluster.addNode(address)
  cluster.pass(1)
}

/** That what is told is so; what is not told may be anything. */
function expectRight(told: FarEnd | undefined, is: FarEnd, where: () => string): void {
  const wrong = Object.entries(told ?? {}).filter(([key, value]) => {
    const true_ = is[key as keyof FarEnd]
    if (key === 'service') {
      // The name of a port may be left out.
      const { portName: _, ...service } = (true_ ?? {}) as NonNullable<FarEnd['service']>
      if (JSON.stringify(service) === JSON.stringify(value)) return false
    }
    return JSON.stringify(value) !== JSON.stringify(true_)
  })
  if (wrong.length > 0) expect({ where: where(), ...told }).toEqual({ where: where(), ...is })
}

/** What can be known where all news come at once: pods of other nodes by the slices of Services alone. */
function knowable(cluster: SimulatedCluster, is: FarEnd): FarEnd {
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
        steps(...usual, ...trouble),
        fc.integer({ min: -2000, max: 2000 }),
        fc.infiniteStream(fc.nat(3000)),
        fc.infiniteStream(fc.nat(15_000)),
        (history, clockMs, stepDelays, watchDelays) => {
          let names: KubernetesNames | undefined
          const cluster = new SimulatedCluster((now) => (names = new KubernetesNames({ now })), {
            clockMs,
            stepMs: () => stepDelays.next().value,
            watchMs: () => watchDelays.next().value,
          })
          begin(cluster)
          for (const [{ happens }, forMs] of history) {
            happens(cluster)
            cluster.pass(forMs)
          }
          // News of all that was so have come.
          cluster.pass(300_000)
          const times = cluster.truth.times.flatMap((time) => [time - 1, time, time + 1000, time + 20_000])
          for (const time of new Set(times)) {
            const state = cluster.truth.at(time)
            for (const address of ASKED)
              for (const port of ASKED_PORTS) {
                const told = names?.farEnd(address, port, time)
                expectRight(told, trueFarEnd(state, address, port), () => `${address}:${port} at ${time}`)
                counts.asked++
                if (told !== undefined) counts.named++
              }
          }
        },
      ),
      { numRuns: RUNS },
    )
    // Not by telling nothing.
    expect(counts.named / counts.asked).toBeGreaterThan(0.05)
  }, 120_000)

  it('are all told at once where the news come at once', () => {
    fc.assert(
      fc.property(steps(...usual), (history) => {
        let names: KubernetesNames | undefined
        const cluster = new SimulatedCluster((now) => (names = new KubernetesNames({ now })), {
          clockMs: 0,
          stepMs: () => 0,
          watchMs: () => 0,
        })
        begin(cluster)
        for (const [{ happens }, forMs] of history) {
          happens(cluster)
          cluster.pass(forMs + 1)
          for (const address of ASKED)
            for (const port of ASKED_PORTS) {
              const is = knowable(cluster, trueFarEnd(cluster, address, port))
              const told = names?.farEnd(address, port, cluster.nowMs)
              expect({ address, port, ...told }).toEqual({ address, port, ...is })
            }
        }
      }),
      { numRuns: RUNS },
    )
  }, 120_000)
})
