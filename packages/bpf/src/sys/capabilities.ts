import { readFileSync } from 'node:fs'

/** Capabilities that loading and attaching can need, by their bits: capabilities(7). */
const BITS = {
  CAP_DAC_READ_SEARCH: 2,
  CAP_NET_ADMIN: 12,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
} as const

export type Capability = keyof typeof BITS

export const CAPABILITIES = Object.keys(BITS) as readonly Capability[]

/** The capabilities in effect for this process; `undefined` if /proc does not tell. */
export function effectiveCapabilities(): ReadonlySet<Capability> | undefined {
  let text: string
  try {
    text = readFileSync('/proc/self/status', 'utf8')
  } catch {
    return undefined
  }
  const hex = /^CapEff:\s*([0-9a-f]+)$/m.exec(text)?.[1]
  if (hex === undefined) return undefined
  const mask = BigInt(`0x${hex}`)
  return new Set(CAPABILITIES.filter((name) => (mask & (1n << BigInt(BITS[name]))) !== 0n))
}
