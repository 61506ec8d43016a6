import { describe, expect, it } from 'vitest'
import { allClusters, MOST_NODES } from './instance.mjs'

describe('clusters of a machine', () => {
  it('share no name, no network and no port', () => {
    const taken = allClusters().flatMap((cluster) => [
      ...[cluster.bridge, cluster.host, cluster.podNetwork, cluster.state],
      ...[cluster.etcdPort, cluster.etcdPort + 1, cluster.controllerPort, cluster.schedulerPort],
      ...Array.from({ length: MOST_NODES }, (_, index) => cluster.node(index + 1)).flatMap(
        ({ namespace, wire, address, podNetwork, cgroupRoot, folder }) => {
          // IFNAMSIZ, with the zero at its end.
          expect(wire.length).toBeLessThan(16)
          return [namespace, wire, address, podNetwork, cgroupRoot, folder]
        },
      ),
    ])
    expect(new Set(taken).size).toBe(taken.length)
  })
})
