import { Command, Option } from 'commander'
import { parseDuration } from '../settings/duration.js'
import { askStore } from '../store/ask-store.js'
import { REPORT_BY, type ReportBy, readReport } from '../store/report.js'
import { reportJson, reportText } from '../store/report-text.js'
import { printableJson } from '../stream/printable.js'
import { reader } from './command-option.js'
import { print } from './standard-streams.js'
import { storeOption } from './store-option.js'
import { whileNotInterrupted } from './while-not-interrupted.js'

interface ReportOptions {
  readonly store: string
  readonly output: 'table' | 'json'
  readonly since: number
  readonly by?: ReportBy
}

/** `hivetap report`: which connects were slow, and which failed. */
export function reportCommand(): Command {
  return new Command('report')
    .summary('Say from the store which connects were slow, and which failed')
    .description(
      'How the connects in the store ended, and how long they took by destination and by process: the slowest first.',
    )
    .addOption(storeOption())
    .addOption(
      new Option('--since <TIME>', 'how far back, such as 15m, 1h or 7d')
        .argParser(reader(parseDuration))
        .default(3_600_000, '1h'),
    )
    .addOption(new Option('--by <WHAT>', 'put them together by this alone').choices(REPORT_BY))
    .addOption(
      new Option('-o, --output <FORMAT>', 'a table for people, or JSON')
        .choices(['table', 'json'])
        .default('table'),
    )
    .action(({ store, output, since, by }: ReportOptions) =>
      whileNotInterrupted(async (signal) => {
        const report = await askStore(store, signal, ({ connection }) =>
          readReport(connection, Date.now() - since, by === undefined ? ['destination', 'process'] : [by]),
        )
        await print(output === 'json' ? `${printableJson(reportJson(report))}\n` : reportText(report))
      }),
    )
}
