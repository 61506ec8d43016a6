import type { ProcessMark } from '../../probes/processes/process-mark.js'
import type { ProgramPath } from '../../probes/processes/program-path.js'
import { AskedTools } from '../asked-tools.js'

/** A tool whose programs keep the paths of the programs that its events are of. */
export interface KeepsPrograms {
  /** The path of the program that a process was then; `undefined` if it is not there. */
  programPath(pid: number, mark: ProcessMark): ProgramPath | undefined
}

/** Who knows the paths of programs: what the kernel's programs noted of them. */
export interface ProgramSource {
  programPath(pid: number, mark: ProcessMark): ProgramPath | undefined
}

/** The first rung for a program: what the programs of tools keep, of those the first that knows a process. */
export class KeptPrograms implements ProgramSource {
  readonly #tools = new AskedTools<KeepsPrograms>()

  add(tool: KeepsPrograms): void {
    this.#tools.add(tool)
  }

  programPath(pid: number, mark: ProcessMark): ProgramPath | undefined {
    return this.#tools.ask((tool) => tool.programPath(pid, mark))
  }
}
