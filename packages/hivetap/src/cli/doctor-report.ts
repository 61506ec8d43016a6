import type { ToolReport } from '../doctor/examine-tool.js'
import type { HostFact } from '../doctor/host.js'
import { printable, printableJson } from '../stream/printable.js'

/** What `hivetap doctor` found. */
export interface DoctorReport {
  /** Of hivetap. */
  readonly version: string
  readonly host: readonly HostFact[]
  readonly tools: readonly ToolReport[]
}

/** Whether every tool runs on some step of its ladder. */
export function allRun({ tools }: DoctorReport): boolean {
  return tools.every((tool) => tool.runs)
}

/** The report as JSON. */
export function reportJson(report: DoctorReport): string {
  return `${printableJson(JSON.stringify(report, undefined, 2))}\n`
}

const MARKS = { ok: 'ok', note: '-', lacking: '!' } as const

/** The report for people. */
export function reportText({ version, host, tools }: DoctorReport): string {
  const lines = [`hivetap ${version}`, '']
  for (const fact of host) {
    lines.push(`  ${MARKS[fact.state].padEnd(3)} ${fact.name.padEnd(14)} ${fact.found}`)
    if (fact.mend !== undefined) lines.push(`${' '.repeat(21)}mends it: ${fact.mend}`)
  }
  for (const tool of tools) lines.push('', ...toolLines(tool))
  return `${lines.map(printable).join('\n')}\n`
}

function toolLines(report: ToolReport): string[] {
  const lines = [
    report.rung === undefined
      ? `${report.tool} cannot run here`
      : `${report.tool} runs here: ${report.rung}, ${report.buffer === 'perf' ? 'perf buffers' : 'ring buffer'}`,
  ]
  for (const step of report.steps) {
    lines.push(
      `  ${step.works ? 'ok ' : '!  '} ${step.rung.padEnd(10)} ${step.buffer.padEnd(8)}${step.reason ?? ''}`.trimEnd(),
    )
    if (step.mend !== undefined) lines.push(`${' '.repeat(25)}mends it: ${step.mend}`)
    if (step.manifest !== undefined) lines.push(`${' '.repeat(25)}in a pod: ${step.manifest}`)
    for (const [field, takes] of Object.entries(step.missing ?? {}))
      lines.push(`${' '.repeat(25)}without ${field}: it takes ${takes}`)
  }
  return lines
}
