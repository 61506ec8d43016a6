import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { KubernetesNames } from './kubernetes-names.js'
import { pickEndpointSlice } from './pick/pick-endpoint-slice.js'
import { pickNode } from './pick/pick-node.js'
import { pickPod } from './pick/pick-pod.js'
import { pickService } from './pick/pick-service.js'

/** What a real cluster of version 1.34 said: `kubectl get -o json --show-managed-fields`, less what is not looked at. */
const told = JSON.parse(readFileSync(new URL('fixtures/cluster-1.34.json', import.meta.url), 'utf8'))

function all<T>(objects: readonly unknown[], pick: (object: unknown) => T | undefined): T[] {
  const picked = objects.map(pick)
  return picked.map((each, index) => each ?? expect.fail(`not picked: ${JSON.stringify(objects[index])}`))
}

function given(node: string) {
  const now = Date.UTC(2026, 10, 28, 14, 30)
  const names = new KubernetesNames({ now: () => now, labels: ['app'] })
  names.podSink.replace(all(told.pods, pickPod).filter((pod) => pod.node === node))
  names.serviceSink.replace(all(told.services, pickService))
  names.endpointSliceSink.replace(all(told.endpointSlices, pickEndpointSlice))
  names.nodeSink.replace(all(told.nodes, pickNode))
  const at = (address: string, port: number, timeMs = now) => names.farEnd(address, port, timeMs)
  return { names, at, now }
}

describe('of a real cluster', () => {
  it('pods are told with what runs them', () => {
    const workloads = ['node1', 'node2', 'node3'].flatMap((node) => [...given(node).names.pods()])
    expect(workloads.map(({ workload: { kind, name } }) => `${kind}/${name}`).sort()).toEqual([
      'CronJob/tidy',
      'CronJob/tidy',
      'CronJob/tidy',
      'DaemonSet/host',
      'DaemonSet/host',
      'DaemonSet/host',
      'Deployment/checkout',
      'Deployment/checkout',
      'Job/once-20261128',
      'StatefulSet/store',
    ])
  })

  it('containers are found by their ids', () => {
    const { names, now } = given('node1')
    const pod = told.pods.find(
      (each: { metadata: { name: string } }) => each.metadata.name === 'checkout-755c7ccdf-vs8c2',
    )
    const found = [...pod.status.containerStatuses, ...pod.status.initContainerStatuses].map(
      ({ containerID }) => {
        const identity = names.podOf(pod.metadata.uid, containerID.replace('containerd://', ''), now)
        return `${identity?.name} ${identity?.labels['app']} ${identity?.container?.name} ${identity?.container?.image}`
      },
    )
    expect(found).toEqual(
      ['app', 'check', 'side'].map((name) => `checkout-755c7ccdf-vs8c2 checkout ${name} example/app:1`),
    )
  })

  it('far ends are told', () => {
    const { at } = given('node1')
    const shop = { namespace: 'shop' }
    expect(at('10.96.75.245', 53)).toEqual({ service: { ...shop, name: 'checkout', portName: 'dns' } })
    expect(at('10.96.0.1', 443)).toEqual({
      service: { namespace: 'default', name: 'kubernetes', portName: 'https' },
    })
    // A pod of another node, of which only a slice tells.
    expect(at('10.244.3.7', 5353)).toMatchObject({
      service: { ...shop, name: 'checkout', portName: 'dns' },
      pod: { ...shop, name: 'checkout-755c7ccdf-j28wf' },
    })
    expect(at('10.244.3.7', 5355)).toMatchObject({ pod: { name: 'checkout-755c7ccdf-j28wf' } })
    expect(at('10.244.2.9', 5353)).toMatchObject({ service: { name: 'store' }, pod: { name: 'store-0' } })
    expect(at('10.200.0.12', 15_353)).toMatchObject({
      node: 'node2',
      service: { name: 'host' },
      pod: { name: 'host-4qw5t' },
    })
    expect(at('10.200.0.12', 10_250)).toEqual({ node: 'node2' })
    expect(at('10.200.0.13', 31_699)).toEqual({
      node: 'node3',
      service: { ...shop, name: 'checkout', portName: 'dns' },
    })
  })

  it('pods that are over have given their addresses back', () => {
    expect(given('node2').at('10.244.2.8', 80)).toBeUndefined()
  })

  it('what was so before the agent came is told since it was written', () => {
    const { at } = given('node1')
    const written = Date.parse(
      told.endpointSlices.find((each: { metadata: { name: string } }) =>
        each.metadata.name.startsWith('checkout'),
      )?.metadata.managedFields[0].time,
    )
    expect(at('10.244.3.7', 5353, written + 6000)?.pod?.name).toBe('checkout-755c7ccdf-j28wf')
    expect(at('10.244.3.7', 5353, written - 6000)).toBeUndefined()
  })
})
