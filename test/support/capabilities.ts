import { libc } from '../../packages/bpf/src/sys/libc.js'
import { allocate } from '../../packages/bpf/src/sys/memory.js'

/** Bits of capabilities that tests take away and give: linux/capability.h. */
const BITS = {
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_ADMIN: 12,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
} as const

export type TestCapability = keyof typeof BITS

/** capget(2) and capset(2): both machines that the package runs on. */
const CALLS = process.arch === 'arm64' ? { capget: 90, capset: 91 } : { capget: 125, capset: 126 }
const VERSION_3 = 0x20080522

/**
 * Runs something with no capability in effect but these, and puts back what there was. Rights are the thread's, so what
 * runs must not wait.
 */
export function withCapabilities<T>(names: readonly TestCapability[], run: () => T): T {
  const before = effective()
  const wanted = names.reduce((mask, name) => mask | (1n << BigInt(BITS[name])), 0n)
  setEffective(wanted)
  try {
    return run()
  } finally {
    setEffective(before)
  }
}

/** Whether a capability is in effect for this thread: root of a container may lack some. */
export function hasCapability(name: TestCapability): boolean {
  return (effective() & (1n << BigInt(BITS[name]))) !== 0n
}

/** struct __user_cap_header_struct: version u32, pid u32. */
function header() {
  const memory = allocate(8)
  memory.view.setUint32(0, VERSION_3, true)
  return memory
}

/** struct __user_cap_data_struct, twice, low and high bits: effective u32, permitted u32, inheritable u32. */
function read() {
  const data = allocate(24)
  const result = libc().systemCall(CALLS.capget, header(), data)
  if (result < 0) throw new Error(`capget: errno ${-result}`)
  return data
}

function effective(): bigint {
  const { view } = read()
  return BigInt(view.getUint32(0, true)) | (BigInt(view.getUint32(12, true)) << 32n)
}

function setEffective(mask: bigint): void {
  const data = read()
  data.view.setUint32(0, Number(mask & 0xffff_ffffn), true)
  data.view.setUint32(12, Number(mask >> 32n), true)
  const result = libc().systemCall(CALLS.capset, header(), data)
  if (result < 0) throw new Error(`capset: errno ${-result}`)
}
