/** Offsets in the structures of a kernel, in bytes; `undefined` where the samples do not tell. */
export interface TaskLayout {
  /** `task_struct.mm`, a pointer. */
  readonly mm: number | undefined
  /** `task_struct.exit_code`, u32. */
  readonly exitCode: number | undefined
  /** `task_struct.tgid`, u32. */
  readonly tgid: number | undefined
  /** `task_struct.real_parent`, a pointer. */
  readonly realParent: number | undefined
  /** `task_struct.start_time`, u64: nanoseconds of CLOCK_MONOTONIC. */
  readonly startTime: number | undefined
  /** `task_struct.comm`, sixteen bytes. */
  readonly comm: number | undefined
  /** `mm_struct.arg_start`, an address of the process's own; `arg_end` is the next word. */
  readonly argStart: number | undefined
}

/** Nothing is known. */
export const UNKNOWN_LAYOUT: TaskLayout = {
  mm: undefined,
  exitCode: undefined,
  tgid: undefined,
  realParent: undefined,
  startTime: undefined,
  comm: undefined,
  argStart: undefined,
}

/**
 * Whether the members of a task come as include/linux/sched.h has them, from Linux 4.19 to 7.2. Where a kernel shuffles its
 * structures (CONFIG_RANDSTRUCT) they do not, and then neighbours that hold the same cannot be told apart by their order.
 */
export function isInOrder({ mm, exitCode, tgid, realParent, startTime, comm }: TaskLayout): boolean {
  const known = [mm, exitCode, tgid, realParent, startTime, comm].filter((offset) => offset !== undefined)
  return known.every((offset, index) => index === 0 || offset > (known[index - 1] as number))
}
