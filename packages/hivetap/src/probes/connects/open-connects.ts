import type { BpfMap } from '@hivetap/bpf'
import type { CountSession } from '../counting.js'
import type { KeptObject } from '../keeper.js'
import type { Placement, Session } from '../tool.js'
import {
  type Loaded,
  type LoadedCounter,
  type LoadedTool,
  openCountSession,
  openSession,
  type Plan,
  planOf,
} from '../tool-session.js'
import type { ConnectCount, ConnectEvent, ConnectKey } from './connect-event.js'
import {
  type ConnectOptions,
  type ConnectPlan,
  type ConnectProgram,
  type ConnectWish,
  planConnects,
} from './connect-plan.js'

/** What every object that is made of connects.h is, once it is loaded. */
interface LoadedConnects extends LoadedTool<ConnectEvent>, LoadedCounter<ConnectKey, ConnectCount> {
  readonly maps: LoadedTool<ConnectEvent>['maps'] &
    LoadedCounter<ConnectKey, ConnectCount>['maps'] & { readonly ports: BpfMap<number, number> }
  readonly programs: Readonly<Record<ConnectProgram, Loaded['programs'][string]>>
}

/** An object that is made of connects.h. */
export interface ConnectObject extends KeptObject {
  load(plan: Omit<ConnectPlan, 'missing' | 'cgroups'>): LoadedConnects
}

/**
 * Loads and attaches an object that is made of connects.h.
 *
 * @throws {BpfError} if it cannot be had there
 */
export function openConnects(
  object: ConnectObject,
  options: ConnectOptions,
  wish: Omit<ConnectWish, 'counting'>,
  placement: Placement,
): Session<ConnectEvent> {
  return openSession(sessionPlan(object, options, wish, placement))
}

/**
 * The same to count every connect that ends.
 *
 * @param bySourcePort those of each local port for themselves
 * @throws {BpfError} if it cannot be had there
 */
export function openConnectCounts(
  object: ConnectObject,
  options: ConnectOptions,
  bySourcePort: boolean,
  placement: Placement,
): CountSession<ConnectKey> {
  const wish = { failures: true, stuck: false, counting: { bySourcePort } }
  return openCountSession(sessionPlan(object, options, wish, placement), {
    identity: (key) =>
      `${key.ipVersion} ${key.sourceAddress} ${key.sourcePort} ${key.destinationAddress} ${key.destinationPort}`,
    count: ({ connects }: ConnectCount) => connects,
  })
}

function sessionPlan(
  object: ConnectObject,
  options: ConnectOptions,
  wish: ConnectWish,
  placement: Placement,
): Plan<LoadedConnects> {
  return {
    ...planOf(object, planConnects(options, wish, placement), options, placement),
    prepare: ({ maps }) => {
      for (const port of options.port ?? []) maps.ports.set(port, 1)
    },
  }
}
