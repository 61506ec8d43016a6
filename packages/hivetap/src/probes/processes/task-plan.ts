import { openKernelBtf } from '@hivetap/bpf'
import type { Rung } from '../tool.js'
import { learnTaskLayout } from './task-layout/learn.js'
import type { TaskLayout } from './task-layout/task-layout.js'

/**
 * Where the kernel keeps what task.h reads, as far as that was learned; `undefined` where its own types say so.
 *
 * @throws {BpfError} if the programs that learn it cannot be loaded or attached
 */
export function learnedTask(rung: Rung): TaskLayout | undefined {
  return rung === 'tracepoint' && openKernelBtf() === undefined ? learnTaskLayout() : undefined
}

/** The constants of task.h. */
export interface TaskConstants {
  readonly mmOffset: number
  readonly argStartOffset: number
  readonly realParentOffset: number
  readonly tgidOffset: number
  readonly commOffset: number
}

/** What task.h is told. */
export function taskConstants(learned: TaskLayout | undefined): TaskConstants {
  return {
    mmOffset: learned?.mm ?? 0,
    argStartOffset: learned?.argStart ?? 0,
    realParentOffset: learned?.realParent ?? 0,
    tgidOffset: learned?.tgid ?? 0,
    commOffset: learned?.comm ?? 0,
  }
}
