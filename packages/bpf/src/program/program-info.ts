import { bpf_prog_info } from '../sys/abi.generated.js'
import { objectInfo } from '../sys/object-info.js'
import { readField } from '../sys/struct.js'

/** What the kernel counts of a program. */
export interface ProgramStatistics {
  /** Hits on which it did not run, because it, or on old kernels any program, was running on that CPU. Linux 5.12. */
  readonly missed: number
  /** Runs, and nanoseconds that they took: while `kernel.bpf_stats_enabled` is 1. Linux 5.1. */
  readonly runs: number
  readonly nanoseconds: number
}

/** @throws {SystemCallError} */
export function programStatistics(fd: number, name: string): ProgramStatistics {
  const info = objectInfo(fd, bpf_prog_info, `the statistics of program ${name}`)
  return {
    missed: readField(bpf_prog_info, info, 'recursion_misses'),
    runs: readField(bpf_prog_info, info, 'run_cnt'),
    nanoseconds: readField(bpf_prog_info, info, 'run_time_ns'),
  }
}

/** The number by which the kernel, and bpftool(8), know a program. @throws {SystemCallError} */
export function programNumber(fd: number, name: string): number {
  return readField(bpf_prog_info, objectInfo(fd, bpf_prog_info, `the number of program ${name}`), 'id')
}
