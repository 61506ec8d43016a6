/** What a key's value is read for; 0 for nothing. */
export const SLOTS = {
  none: 0,
  version: 1,
  eventId: 2,
  time: 3,
  host: 4,
  tool: 5,
  record: 6,
  connects: 7,
  sample: 8,
  pid: 9,
  latency: 10,
  comm: 11,
  address: 12,
  port: 13,
  outcome: 14,
  cause: 15,
  workload: 16,
  workloadNamespace: 17,
  service: 18,
  serviceNamespace: 19,
  countedBy: 20,
} as const
export type Slot = (typeof SLOTS)[keyof typeof SLOTS]

const BY_KEY: ReadonlyMap<string, Slot> = new Map<string, Slot>([
  ['version', SLOTS.version],
  ['event_id', SLOTS.eventId],
  ['time', SLOTS.time],
  ['host', SLOTS.host],
  ['tool', SLOTS.tool],
  ['record', SLOTS.record],
  ['connects', SLOTS.connects],
  ['sample', SLOTS.sample],
  ['pid', SLOTS.pid],
  ['latency_us', SLOTS.latency],
  ['comm', SLOTS.comm],
  ['destination_address', SLOTS.address],
  ['destination_port', SLOTS.port],
  ['outcome', SLOTS.outcome],
  ['cause', SLOTS.cause],
  ['k8s_workload', SLOTS.workload],
  ['k8s_namespace', SLOTS.workloadNamespace],
  ['destination_service', SLOTS.service],
  ['destination_service_namespace', SLOTS.serviceNamespace],
  ['counted_by', SLOTS.countedBy],
])

export function slotOf(key: string): Slot {
  return BY_KEY.get(key) ?? SLOTS.none
}
