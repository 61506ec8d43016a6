import { bpf_attr_get_id, bpf_link_info } from '../sys/abi.generated.js'
import { bpf } from '../sys/bpf.js'
import { ERRNO } from '../sys/errno.js'
import { objectInfo } from '../sys/object-info.js'
import { packStruct, readField } from '../sys/struct.js'

/** What the kernel says of a link. */
export interface LinkInfo {
  /** The number by which the kernel, and bpftool(8), know it. */
  readonly id: number
  /** The number of the program that it attaches. */
  readonly programId: number
}

/** A program that runs on a hook, until the link is closed. */
export interface Link {
  /** As people write it: `tp_btf inet_sock_set_state`. */
  readonly description: string
  /**
   * What the kernel says of it: Linux 5.8.
   *
   * @throws {UnsupportedError} where it is no bpf_link: then the kernel has no number for it
   * @throws {SystemCallError} {ClosedError}
   */
  info(): LinkInfo
  /**
   * Gives it a name on a bpffs: the program runs on when the link is closed and the process ends, until the file is removed.
   * Linux 5.8 for raw and typed tracepoints, 5.15 for classic ones.
   *
   * @throws {UnsupportedError} if no bpffs is there, or it is no bpf_link on this kernel
   * @throws {NotFoundError} {ExistsError} {InvalidSpecError} {NotPermittedError} {SystemCallError} {ClosedError}
   */
  pin(path: string): void
  /** Detaches the program, unless the link is pinned. */
  close(): void
  [Symbol.dispose](): void
}

/** @throws {SystemCallError} */
export function linkInfo(fd: number, description: string): LinkInfo {
  const info = objectInfo(fd, bpf_link_info, `the number of ${description}`)
  return { id: readField(bpf_link_info, info, 'id'), programId: readField(bpf_link_info, info, 'prog_id') }
}

/**
 * Whether the kernel still has the link of a number: what was closed and unpinned goes a moment later. `undefined` if it may
 * not be asked, which takes CAP_SYS_ADMIN. Linux 5.8.
 */
export function linkExists(id: number): boolean | undefined {
  const attributes = packStruct(bpf_attr_get_id, { start_id: id - 1 })
  const result = bpf('BPF_LINK_GET_NEXT_ID', attributes)
  if (result === -ERRNO.ENOENT) return false
  return result < 0 ? undefined : readField(bpf_attr_get_id, attributes, 'next_id') === id
}
