import { expect } from 'vitest'
import { bpf_attr_get_id } from '../../packages/bpf/src/sys/abi.generated.js'
import { bpf } from '../../packages/bpf/src/sys/bpf.js'
import { packStruct } from '../../packages/bpf/src/sys/struct.js'
import { kernelObjects } from './programs-in-kernel.js'

/** The numbers of all programs, maps, links and types in the kernel. */
export interface KernelState {
  readonly programs: readonly number[]
  readonly maps: readonly number[]
  readonly links: readonly number[]
  readonly types: readonly number[]
}

export function kernelState(): KernelState {
  return { ...kernelObjects(), types: btfIds() }
}

function btfIds(): number[] {
  const found: number[] = []
  for (let id = 0; ; ) {
    const attributes = packStruct(bpf_attr_get_id, { start_id: id })
    if (bpf('BPF_BTF_GET_NEXT_ID', attributes) < 0) return found
    id = attributes.view.getUint32(bpf_attr_get_id.fields.next_id.offset, true)
    found.push(id)
  }
}

/** What is in the kernel that was not there before. */
function newObjects(before: KernelState): string[] {
  const now = kernelState()
  return (['programs', 'maps', 'links', 'types'] as const).flatMap((kind) =>
    now[kind].filter((id) => !before[kind].includes(id)).map((id) => `${kind}: ${id}`),
  )
}

/** Fails if something stays in the kernel that was not there before: it is freed after a grace period. */
export async function expectNothingLeft(before: KernelState): Promise<void> {
  await expect.poll(() => newObjects(before), { timeout: 20_000 }).toEqual([])
}
