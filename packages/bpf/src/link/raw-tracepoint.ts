import { NotFoundError, NotPermittedError } from '../errors.js'
import { bpf_attr_raw_tracepoint } from '../sys/abi.generated.js'
import { bpf } from '../sys/bpf.js'
import { ERRNO, errnoName, failed } from '../sys/errno.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { cString } from '../sys/memory.js'
import { packStruct } from '../sys/struct.js'
import { BpfLink } from './bpf-link.js'
import type { Link } from './link.js'

/**
 * Attaches a program to a tracepoint, raw (Linux 4.17) or typed by BTF (5.5): BPF_RAW_TRACEPOINT_OPEN. What it gives is a
 * bpf_link since Linux 5.8; before, it can be neither pinned nor asked about.
 *
 * @param name `undefined` for a typed one, which was bound to its tracepoint when it was loaded
 * @throws {NotFoundError} if the kernel has no such tracepoint, or the program reads arguments that it does not have
 * @throws {NotPermittedError} {SystemCallError}
 */
export function attachRawTracepoint(program: number, name: string | undefined, description: string): Link {
  const attributes = packStruct(bpf_attr_raw_tracepoint, {
    prog_fd: program,
    ...(name === undefined ? {} : { name: cString(name) }),
  })
  const result = bpf('BPF_RAW_TRACEPOINT_OPEN', attributes)
  if (result >= 0) return new BpfLink(new FileDescriptor(result, description), description)
  const errno = { number: -result, name: errnoName(-result) }
  if (result === -ERRNO.ENOENT)
    throw new NotFoundError(`Cannot attach to ${description}: this kernel has no such tracepoint`)
  if (result === -ERRNO.EINVAL && name !== undefined) {
    throw new NotFoundError(
      `Cannot attach to ${description}: the program reads arguments that this kernel's tracepoint does not have`,
    )
  }
  if (result === -ERRNO.EPERM || result === -ERRNO.EACCES) {
    throw new NotPermittedError(`Cannot attach to ${description}: ${errno.name}`, errno, {
      needs: 'capabilities',
      hint: 'It takes CAP_BPF and CAP_PERFMON (CAP_SYS_ADMIN before Linux 5.8).',
    })
  }
  throw failed(`Cannot attach to ${description}`, result)
}
