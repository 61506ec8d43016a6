import { perfPermissionError } from '../features/permission.js'
import { onlineCpus } from '../sys/cpus.js'
import { ERRNO, failed } from '../sys/errno.js'
import { FileDescriptor } from '../sys/file-descriptor.js'
import { disableEvent, enableEvent, openTracepointEvent, setEventProgram } from '../sys/perf-event.js'
import type { Link } from './link.js'

/** A program on a classic tracepoint: the perf event that it hangs on. Linux 4.7. */
export class TracepointLink implements Link {
  readonly description: string
  readonly #event: FileDescriptor

  constructor(event: FileDescriptor, description: string) {
    this.#event = event
    this.description = description
  }

  close(): void {
    if (!this.#event.closed) disableEvent(this.#event.number)
    this.#event.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/**
 * Attaches a program to a classic tracepoint: perf_event_open(2) with PERF_EVENT_IOC_SET_BPF. One event, on one CPU,
 * makes the program run for every hit on any CPU.
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
  try {
    const result = setEventProgram(number, program)
    if (result < 0) throw failed(`Cannot attach to ${description}`, result)
    enableEvent(number)
  } catch (error) {
    event.close()
    throw error
  }
  return new TracepointLink(event, description)
}
