import type { TracepointFormat } from '../btf/tracefs-format.js'
import { UnsupportedError } from '../errors.js'
import type { Link } from '../link/link.js'
import { attachRawTracepoint } from '../link/raw-tracepoint.js'
import { attachTracepoint } from '../link/tracepoint.js'
import { type AttachTarget, describeAttachTarget } from '../spec/attach-target.js'
import type { FileDescriptor } from '../sys/file-descriptor.js'
import { pinObject } from '../sys/pin.js'
import { type ProgramStatistics, programStatistics } from './program-info.js'

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
    return programStatistics(this.#fd.number, this.name)
  }

  /**
   * Gives it a name on a bpffs: it stays loaded until the file is removed. Linux 4.4.
   *
   * @throws {UnsupportedError} if no bpffs is there
   * @throws {NotFoundError} {ExistsError} {InvalidSpecError} {NotPermittedError} {SystemCallError} {ClosedError}
   */
  pin(path: string): void {
    pinObject(this.#fd.number, `program ${this.name}`, path)
  }

  /** Closes the program; attached, it runs on until its links are closed. */
  close(): void {
    this.#fd.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
