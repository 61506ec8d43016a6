/** What an event says of one of its ends, and what that end is called by whoever asks who connects to where. */
interface Named {
  readonly name: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** One is slow for some minutes. */
export const SLOW_PLACE = 2

/** Where the connects of the test's fleet go. */
export const PLACES: readonly Named[] = [
  { name: '10.0.0.0:443', fields: { destination_address: '10.0.0.0', destination_port: 443 } },
  {
    name: 'shop/cart',
    fields: {
      ...{ destination_address: '10.96.0.1', destination_port: 443 },
      ...{ destination_service: 'cart', destination_service_namespace: 'shop', destination_pod: 'cart-0' },
    },
  },
  // No Service, so that the names of its pod and its node do not count.
  {
    name: '10.0.0.2:443',
    fields: {
      ...{ destination_address: '10.0.0.2', destination_port: 443 },
      ...{ destination_pod: 'db-0', destination_pod_namespace: 'shop', destination_node: 'node-9' },
    },
  },
  { name: '[fd00::3]:443', fields: { destination_address: 'fd00::3', destination_port: 443 } },
  // A socket of IPv6 that connects to IPv4.
  { name: '[::ffff:10.0.0.4]:80', fields: { destination_address: '::ffff:10.0.0.4', destination_port: 80 } },
  // The same Service by its other address.
  {
    name: 'shop/cart',
    fields: {
      ...{ destination_address: 'fd00::1', destination_port: 443 },
      ...{ destination_service: 'cart', destination_service_namespace: 'shop' },
    },
  },
  // As somebody may write it who has no namespace, or whose format has no absent texts.
  {
    name: 'bare',
    fields: {
      ...{ destination_address: '10.0.0.6', destination_port: 443 },
      ...{ destination_service: 'bare', destination_service_namespace: '' },
    },
  },
  {
    name: '10.0.0.7:65535',
    fields: { destination_address: '10.0.0.7', destination_port: 65_535, destination_service: '' },
  },
]

/** Who connects, by the simulator's COMM. */
const SOURCES: Readonly<Record<string, Named>> = {
  curl: {
    name: 'shop/checkout',
    fields: { k8s_namespace: 'shop', k8s_pod: 'checkout-1', k8s_workload: 'checkout' },
  },
  // A process of the host: a unit of systemd's.
  nginx: { name: 'nginx', fields: { unit: 'nginx.service' } },
  // In a pod whose names are not known.
  java: {
    name: 'java',
    fields: { k8s_pod_uid: '5a1f0e0c-0000-4000-8000-000000000001', k8s_unresolved: true },
  },
  // In a container without Kubernetes.
  postgres: { name: 'postgres', fields: { container_id: 'c0'.repeat(32), container_runtime: 'docker' } },
  node: { name: 'node', fields: { k8s_namespace: 'shop', k8s_workload: '' } },
}

/** Who connects that is called `comm` by the kernel: itself, where nothing else is known of it. */
export function sourceOf(comm: string): Named {
  return SOURCES[comm] ?? { name: comm, fields: {} }
}
