import type { BpfMap } from '@hivetap/bpf'
import type { Placement, Session } from '../tool.js'
import { type LoadedTool, openSession } from '../tool-session.js'
import type { ConnectEvent } from './connect-event.js'
import {
  type ConnectOptions,
  type ConnectPlan,
  type ConnectProgram,
  type ConnectWish,
  planConnects,
} from './connect-plan.js'

/** What every object that is made of connects.h is, once it is loaded. */
interface LoadedConnects extends LoadedTool<ConnectEvent> {
  readonly maps: LoadedTool<ConnectEvent>['maps'] & { readonly ports: BpfMap<number, number> }
  readonly programs: Readonly<Record<ConnectProgram, LoadedTool<ConnectEvent>['programs'][string]>>
}

/**
 * Loads and attaches an object that is made of connects.h.
 *
 * @throws {BpfError} if it cannot be had there
 */
export function openConnects(
  object: { load(plan: Omit<ConnectPlan, 'missing'>): LoadedConnects },
  options: ConnectOptions,
  wish: ConnectWish,
  placement: Placement,
): Session<ConnectEvent> {
  const { missing, ...plan } = planConnects(options, wish, placement)
  return openSession({
    placement,
    filters: options,
    missing,
    load: () => object.load(plan),
    programs: plan.programs,
    prepare: ({ maps }) => {
      for (const port of options.port ?? []) maps.ports.set(port, 1)
    },
  })
}
