import { perf_event_attr, perf_event_sample_format, perf_sw_ids, perf_type_id } from './abi.generated.js'
import { failed } from './errno.js'
import { libc, systemCallNumber } from './libc.js'
import { packStruct } from './struct.js'

const PERF_FLAG_FD_CLOEXEC = 8
// include/uapi/linux/perf_event.h: _IO('$', 0), _IO('$', 1), _IOW('$', 8, __u32)
const PERF_EVENT_IOC_ENABLE = 0x2400
const PERF_EVENT_IOC_DISABLE = 0x2401
const PERF_EVENT_IOC_SET_BPF = 0x40042408
const CLOCK_MONOTONIC = 1

/**
 * Opens the perf event of a tracepoint: perf_event_open(2). One, opened on one CPU for all processes, makes a BPF
 * program run for every hit on any CPU.
 *
 * @returns a file descriptor, or a negative error number
 */
export function openTracepointEvent(id: number, cpu: number): number {
  return open(
    {
      type: perf_type_id.PERF_TYPE_TRACEPOINT,
      size: perf_event_attr.size,
      config: id,
      sample_period: 1,
      wakeup_events: 1,
    },
    cpu,
  )
}

/**
 * Opens the event through which bpf_perf_event_output() hands out records of one CPU, with their times (CLOCK_MONOTONIC).
 *
 * @returns a file descriptor, or a negative error number
 */
export function openOutputEvent(cpu: number): number {
  const { PERF_SAMPLE_RAW, PERF_SAMPLE_TIME } = perf_event_sample_format
  return open(
    {
      type: perf_type_id.PERF_TYPE_SOFTWARE,
      size: perf_event_attr.size,
      config: perf_sw_ids.PERF_COUNT_SW_BPF_OUTPUT,
      sample_type: PERF_SAMPLE_TIME | PERF_SAMPLE_RAW,
      sample_period: 1,
      wakeup_events: 1,
      use_clockid: 1,
      clockid: CLOCK_MONOTONIC,
    },
    cpu,
  )
}

function open(values: Parameters<typeof packStruct<typeof perf_event_attr>>[1], cpu: number): number {
  const attr = packStruct(perf_event_attr, values)
  return libc().systemCall(systemCallNumber('perf_event_open'), attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC)
}

/** @throws {SystemCallError} */
export function enableEvent(fd: number): void {
  const result = libc().ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)
  if (result < 0) throw failed('Cannot enable a perf event', result)
}

export function disableEvent(fd: number): void {
  libc().ioctl(fd, PERF_EVENT_IOC_DISABLE, 0)
}

/** Makes a program run whenever the event does; a negative error number if the kernel refuses. */
export function setEventProgram(event: number, program: number): number {
  return libc().ioctl(event, PERF_EVENT_IOC_SET_BPF, program)
}
