// @ts-check
import { readUint53, u32 } from '../../packages/bpf/dist/index.js'

/** `struct flood_counters`. @type {import('../../packages/bpf/dist/index.js').Codec<{ attempts: number, lost: number }>} */
const codec = {
  size: 16,
  read: (view, at) => ({ attempts: readUint53(view, at), lost: readUint53(view, at + 8) }),
  write: () => undefined,
}

/** What the programs of flood.bpf.o counted, on all CPUs. @param {import('../../packages/bpf/dist/index.js').BpfObject} object */
export function countersOf(object) {
  const cpus = object.perCpuMap('counters', u32, codec).get(0) ?? []
  return {
    attempts: cpus.reduce((sum, { attempts }) => sum + attempts, 0),
    lost: cpus.reduce((sum, { lost }) => sum + lost, 0),
  }
}
