import { UnsupportedError } from '../errors.js'
import { perfPermissionError } from '../features/permission.js'
import { bpf_attach_type, bpf_attr_link_create } from '../sys/abi.generated.js'
import { bpf } from '../sys/bpf.js'
import { onlineCpus } from '../sys/cpus.js'
import { ERRNO, failed } from '../sys/errno.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { disableEvent, enableEvent, openTracepointEvent, setEventProgram } from '../sys/perf-event.js'
import { pinObject } from '../sys/pin.js'
import { packStruct } from '../sys/struct.js'
import { type Link, type LinkInfo, linkInfo } from './link.js'

/** A program on a classic tracepoint: the perf event that it hangs on (Linux 4.7), and the bpf_link between (5.15). */
export class TracepointLink implements Link {
  readonly description: string
  readonly #event: FileDescriptor
  readonly #link: FileDescriptor | undefined
  #pinned = false

  /** @param link `undefined` where the kernel has none for perf events */
  constructor(event: FileDescriptor, link: FileDescriptor | undefined, description: string) {
    this.#event = event
    this.#link = link
    this.description = description
  }

  info(): LinkInfo {
    return linkInfo(this.#bpfLink('ask for the number of').number, this.description)
  }

  pin(path: string): void {
    pinObject(this.#bpfLink('pin').number, this.description, path)
    this.#pinned = true
  }

  close(): void {
    // What is pinned holds the event, and goes on.
    if (!this.#event.closed && !this.#pinned) disableEvent(this.#event.number)
    this.#link?.close()
    this.#event.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #bpfLink(what: string): FileDescriptor {
    if (this.#link !== undefined) return this.#link
    throw new UnsupportedError(
      `Cannot ${what} ${this.description}: on this kernel it hangs on a perf event alone, which ends with the process`,
      { needs: 'newer_kernel', hint: 'It takes Linux 5.15; tp_btf and raw_tp do with 5.8.' },
    )
  }
}

/**
 * Attaches a program to a classic tracepoint: perf_event_open(2) with a bpf_link (Linux 5.15), or PERF_EVENT_IOC_SET_BPF.
 * One event, on one CPU, makes the program run for every hit on any CPU.
 *
 * @param id the tracepoint's number, from its format file
 * @throws {NotPermittedError} if perf events are not permitted; {SystemCallError}
 */
export function attachTracepoint(program: number, id: number, description: string): TracepointLink {
  const [cpu = 0] = onlineCpus()
  const number = openTracepointEvent(id, cpu)
  if (number === -ERRNO.EACCES || number === -ERRNO.EPERM)
    throw perfPermissionError(`Cannot attach to ${description}`, -number)
  if (number < 0) throw failed(`Cannot attach to ${description}: perf_event_open(2)`, number)
  const event = new FileDescriptor(number, description)
  let link: FileDescriptor | undefined
  try {
    link = putProgram(event, program, description)
    enableEvent(number)
  } catch (error) {
    link?.close()
    event.close()
    throw error
  }
  return new TracepointLink(event, link, description)
}

/** Has the program run whenever the event does: by a link, where the kernel takes one. */
function putProgram(event: FileDescriptor, program: number, description: string): FileDescriptor | undefined {
  const link = bpf(
    'BPF_LINK_CREATE',
    packStruct(bpf_attr_link_create, {
      prog_fd: program,
      target_fd: event.number,
      attach_type: bpf_attach_type.BPF_PERF_EVENT,
    }),
  )
  if (link >= 0) return new FileDescriptor(link, description)
  // Whatever keeps the kernel from a link, the older way says whether it is the program's fault.
  const result = setEventProgram(event.number, program)
  if (result < 0) throw failed(`Cannot attach to ${description}`, result)
  return undefined
}
