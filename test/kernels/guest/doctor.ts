import { spawnSync } from 'node:child_process'
import { HIVETAP } from '../../support/hivetap.js'
import type { CellResult } from './cell.js'
import type { Condition } from './conditions.mjs'

/** Whether `hivetap doctor` said of a condition what the runs under it showed. */
export interface DoctorResult {
  readonly condition: string
  readonly state: 'ok' | 'wrong'
  readonly reason?: string
}

interface ToolReport {
  readonly tool: string
  readonly runs: boolean
  readonly rung?: string
  readonly buffer?: string
  readonly steps: readonly { rung: string; buffer: string; works: boolean; reason?: string }[]
}

interface Report {
  readonly tools: readonly ToolReport[]
}

/** Asks doctor under a condition, and holds its answer against the cells that were run. */
export function runDoctor(condition: Condition, cells: readonly CellResult[]): DoctorResult {
  const [command = '', ...args] = [
    ...condition.prefix,
    process.execPath,
    condition.script ?? HIVETAP,
    'doctor',
    '-o',
    'json',
  ]
  const { stdout, stderr, status } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...condition.env },
  })
  const problems = problemsOf(stdout, stderr, status, cells)
  return {
    condition: condition.id,
    state: problems.length === 0 ? 'ok' : 'wrong',
    ...(problems.length === 0 ? {} : { reason: problems.join('; ') }),
  }
}

function problemsOf(
  stdout: string,
  stderr: string,
  status: number | null,
  cells: readonly CellResult[],
): string[] {
  let report: Report
  try {
    report = JSON.parse(stdout) as Report
  } catch {
    return [`it printed no JSON: ${stdout}${stderr}`]
  }
  const problems = report.tools.flatMap((tool) => {
    const own = cells.filter((cell) => cell.tool === tool.tool)
    return own.length === 0 ? [] : problemsOfTool(tool, own).map((problem) => `${tool.tool}: ${problem}`)
  })
  const runs = report.tools.every((tool) => tool.runs)
  if (status !== (runs ? 0 : 1)) problems.push(`exit status ${status}`)
  for (const name of new Set(cells.map((cell) => cell.tool)))
    if (!report.tools.some(({ tool }) => tool === name)) problems.push(`it does not know ${name}`)
  return problems
}

function problemsOfTool(tool: ToolReport, cells: readonly CellResult[]): string[] {
  const problems: string[] = []
  const chosen = cells.find((cell) => cell.rung === 'any')
  // A trial may ask for more than the plain tool, which doctor tries, and that may be more than may be locked.
  if (tool.runs && chosen?.reason?.includes('locked memory') === true) return []
  if (tool.runs !== (chosen?.state === 'ok'))
    problems.push(`it says that it ${tool.runs ? 'runs' : 'cannot run'}`)
  if (tool.runs && `${tool.rung} ${tool.buffer}` !== chosen?.taken)
    problems.push(`it says ${tool.rung} ${tool.buffer}, taken was ${chosen?.taken}`)
  for (const step of tool.steps) {
    const cell = cells.find(({ rung, buffer }) => rung === step.rung && buffer === step.buffer)
    if (cell !== undefined && step.works !== (cell.state === 'ok'))
      problems.push(
        `it says that ${step.rung} ${step.buffer} ${step.works ? 'works' : `does not: ${step.reason}`}`,
      )
  }
  return problems
}
