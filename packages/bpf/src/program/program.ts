import type { TracepointFormat } from '../btf/tracefs-format.js'
import { UnsupportedError } from '../errors.js'
import type { Link } from '../link/link.js'
import { attachRawTracepoint } from '../link/raw-tracepoint.js'
import { attachTracepoint } from '../link/tracepoint.js'
import { type AttachTarget, describeAttachTarget } from '../spec/attach-target.js'
import { bpf_attr_info, bpf_prog_info } from '../sys/abi.generated.js'
import { bpf } from '../sys/bpf.js'
import { failed } from '../sys/errno.js'
import type { FileDescriptor } from '../sys/file-descriptor.js'
import { allocate } from '../sys/memory.js'
import { packStruct, readField } from '../sys/struct.js'

/** What the kernel counts of a program. */
export interface ProgramStatistics {
  /** Hits on which it did not run, because it, or on old kernels any program, was running on that CPU. Linux 5.12. */
  readonly missed: number
  /** Runs, and nanoseconds that they took: while `kernel.bpf_stats_enabled` is 1. Linux 5.1. */
  readonly runs: number
  readonly nanoseconds: number
}

/** A program in the kernel. */
export class Program {
  readonly name: string
  readonly target: AttachTarget
  readonly #fd: FileDescriptor
  readonly #format: TracepointFormat | undefined
  readonly #onAttach: (link: Link) => void

  /**
   * @param format of a classic tracepoint: it has the number to attach to
   * @param onAttach is told of every link, so that the object can close them
   */
  constructor(
    fd: FileDescriptor,
    name: string,
    target: AttachTarget,
    options: { readonly format?: TracepointFormat | undefined; readonly onAttach: (link: Link) => void },
  ) {
    this.#fd = fd
    this.name = name
    this.target = target
    this.#format = options.format
    this.#onAttach = options.onAttach
  }

  /** @throws {ClosedError} */
  get fileDescriptor(): number {
    return this.#fd.number
  }

  /**
   * Attaches it to the hook that its section names. It runs until the link, or the object, is closed.
   *
   * @throws {NotFoundError} {NotPermittedError} {SystemCallError} {ClosedError}
   * @throws {UnsupportedError} if programs of its kind are not attached
   */
  attach(): Link {
    const link = this.#attach()
    this.#onAttach(link)
    return link
  }

  #attach(): Link {
    const description = describeAttachTarget(this.target)
    switch (this.target.kind) {
      case 'tp_btf':
        return attachRawTracepoint(this.#fd.number, undefined, description)
      case 'raw_tp':
        return attachRawTracepoint(this.#fd.number, this.target.name, description)
      case 'tracepoint':
        if (this.#format === undefined)
          throw new UnsupportedError(`Cannot attach ${this.name}: the format of ${description} is not known`)
        return attachTracepoint(this.#fd.number, this.#format.id, description)
      default:
        throw new UnsupportedError(
          `Cannot attach ${this.name}: programs for ${description} cannot be attached`,
        )
    }
  }

  /**
   * What the kernel has counted so far; 0 where it counts nothing.
   *
   * @throws {SystemCallError} EPERM without CAP_SYS_ADMIN on some kernels; {ClosedError}
   */
  statistics(): ProgramStatistics {
    const info = allocate(bpf_prog_info.size)
    const result = bpf(
      'BPF_OBJ_GET_INFO_BY_FD',
      packStruct(bpf_attr_info, { bpf_fd: this.#fd.number, info_len: info.bytes.byteLength, info }),
    )
    if (result < 0) throw failed(`Cannot ask for the statistics of program ${this.name}`, result)
    return {
      missed: readField(bpf_prog_info, info, 'recursion_misses'),
      runs: readField(bpf_prog_info, info, 'run_cnt'),
      nanoseconds: readField(bpf_prog_info, info, 'run_time_ns'),
    }
  }

  /** Closes the program; attached, it runs on until its links are closed. */
  close(): void {
    this.#fd.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
