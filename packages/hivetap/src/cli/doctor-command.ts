import { Command, Option } from 'commander'
import { VERSION } from '../agent/version.js'
import { examineTool } from '../doctor/examine-tool.js'
import { examineHost } from '../doctor/host.js'
import { TOOLS } from '../probes/tools.js'
import { allRun, reportJson, reportText } from './doctor-report.js'
import { EXIT } from './exit-status.js'
import { print } from './standard-streams.js'

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
    .action(async (options: { output: 'text' | 'json' }) => {
      const report = { version: VERSION, host: examineHost(), tools: TOOLS.map(examineTool) }
      process.exitCode = allRun(report) ? EXIT.ok : EXIT.failure
      await print(options.output === 'json' ? reportJson(report) : reportText(report))
    })
}
