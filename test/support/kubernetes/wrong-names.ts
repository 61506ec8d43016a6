import type { FarEnd } from '../../../packages/hivetap/src/kubernetes/whose.js'
import { ADDRESSES, SERVICE_ADDRESSES, SHARED_ADDRESS, type SimulatedCluster } from './simulated-cluster.js'
import { trueFarEnd } from './truth.js'

export const ASKED = [...ADDRESSES, ...SERVICE_ADDRESSES, SHARED_ADDRESS]
export const ASKED_PORTS = [80, 1080, 7070, 8080, 9090, 30_080]

/** A far end that was told otherwise than it was. */
export interface WrongName {
  readonly where: string
  readonly told: FarEnd
  readonly is: FarEnd
}

/** Asks for every address and port, about each time at which something changed. What is not told is not wrong. */
export function wrongNames(cluster: SimulatedCluster) {
  const all = { asked: 0, named: 0, wrong: [] as WrongName[] }
  const times = cluster.truth.times.flatMap((time) => [time - 1, time, time + 1000, time + 20_000])
  for (const time of new Set(times)) {
    for (const address of ASKED)
      for (const port of ASKED_PORTS) {
        const told = cluster.names.farEnd(address, port, time)
        all.asked++
        if (told === undefined) continue
        all.named++
        const is = trueFarEnd(cluster.truth, time, address, port)
        if (!isRight(told, is)) all.wrong.push({ where: `${address}:${port} at ${time}`, told, is })
      }
  }
  return all
}

function isRight(told: FarEnd, is: FarEnd): boolean {
  return Object.entries(told).every(([key, value]) => {
    const true_ = is[key as keyof FarEnd]
    if (JSON.stringify(value) === JSON.stringify(true_)) return true
    if (key !== 'service') return false
    // The name of a port may be left out.
    const { portName: _, ...service } = (true_ ?? {}) as NonNullable<FarEnd['service']>
    return JSON.stringify(value) === JSON.stringify(service)
  })
}
