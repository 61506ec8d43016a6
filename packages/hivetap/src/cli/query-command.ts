import { Argument, Command, Option } from 'commander'
import { Output } from '../sinks/output.js'
import { ANSWER_FORMATS, type AnswerFormat, answerText } from '../store/answer-text.js'
import { askStore } from '../store/ask-store.js'
import { query } from '../store/query.js'
import { reader } from './command-option.js'
import { STDOUT, tell } from './standard-streams.js'
import { storeOption } from './store-option.js'
import { whileNotInterrupted } from './while-not-interrupted.js'

interface QueryOptions {
  readonly store: string
  readonly output: AnswerFormat
  readonly limit: number
}

/** `hivetap query`: asks the store, in SQL. */
export function queryCommand(): Command {
  return new Command('query')
    .summary('Ask the store of events, in SQL')
    .description(
      'Asks the store that an agent with a sink of the type duckdb writes, also while it runs. Each tool has a table with ' +
        'its name; connects is that of tcpconnlat, ledger holds the accounts. It reads the store and nothing else.',
    )
    .addArgument(new Argument('<SQL>', 'one statement of DuckDB, such as "SELECT * FROM connects LIMIT 10"'))
    .addOption(storeOption())
    .addOption(
      new Option('-o, --output <FORMAT>', 'a table for people, JSON (an object a line), or CSV')
        .choices([...ANSWER_FORMATS])
        .default('table'),
    )
    .addOption(new Option('-l, --limit <N>', 'rows at most').argParser(reader(wholeNumber)).default(10_000))
    .action((sql: string, { store, output, limit }: QueryOptions) =>
      whileNotInterrupted((signal) =>
        askStore(store, signal, async ({ connection }) => {
          const answer = await query(connection, sql, limit)
          const out = new Output(STDOUT)
          try {
            for await (const text of answerText(answer, output)) {
              out.write(text, 0)
              await out.flush(signal)
              if (out.closed) return
            }
          } finally {
            out.close()
          }
          if (answer.cut) await tell(`hivetap: there are more rows: --limit ${limit} were told.\n`)
        }),
      ),
    )
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error('it is a whole number from 1 on')
  return Number(text)
}
