import { Command, Option } from 'commander'
import { examineTool, type ToolReport } from '../doctor/examine-tool.js'
import { examineHost, type HostFact } from '../doctor/host.js'
import { TOOLS } from '../probes/tools.js'
import { EXIT } from './exit-status.js'
import { VERSION } from './version.js'

/** `hivetap doctor`: what this host allows, and what would make it allow more. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('Say what runs on this host, how, and what would make it better')
    .description(
      'Looks at what BPF needs of this host, tries every step of every tool’s ladder, and says which is taken, why not a ' +
        'better one, and what mends it. Exit status: 0 if all tools run, 1 if some cannot.',
    )
    .addOption(
      new Option('-o, --output <FORMAT>', 'text for people, or JSON')
        .choices(['text', 'json'])
        .default('text'),
    )
    .action((options: { output: 'text' | 'json' }) => {
      const host = examineHost()
      const tools = TOOLS.map(examineTool)
      process.stdout.write(options.output === 'json' ? json(host, tools) : text(host, tools))
      process.exitCode = tools.every((tool) => tool.runs) ? EXIT.ok : EXIT.failure
    })
}

function json(host: readonly HostFact[], tools: readonly ToolReport[]): string {
  return `${JSON.stringify({ version: VERSION, host, tools }, undefined, 2)}\n`
}

const MARKS = { ok: 'ok', note: '-', lacking: '!' } as const

function text(host: readonly HostFact[], tools: readonly ToolReport[]): string {
  const lines = [`hivetap ${VERSION}`, '']
  for (const fact of host) {
    lines.push(`  ${MARKS[fact.state].padEnd(3)} ${fact.name.padEnd(14)} ${fact.found}`)
    if (fact.mend !== undefined) lines.push(`${' '.repeat(21)}mends it: ${fact.mend}`)
  }
  for (const tool of tools) lines.push('', ...toolLines(tool))
  return `${lines.join('\n')}\n`
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
