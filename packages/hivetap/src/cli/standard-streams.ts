import { isJournal, type JournalLevel, journalLines } from '../io/journal.js'
import { Output, OutputError } from '../sinks/output.js'
import { printableLines } from '../stream/printable.js'

export const STDOUT = 1
const STDERR = 2
/** Input, output and error. */
export const STANDARD_STREAMS = [0, STDOUT, STDERR] as const

/** How long whoever reads what is told has to take it. */
const PATIENCE_MS = 2000

/**
 * Says something on standard error, without control characters: what is told may hold what others have written.
 *
 * Whether anybody hears it does not change how a run goes: nothing is thrown, and nobody is waited for without end. Node's
 * own stream would end the process when the reader is gone, not let it end while one does not read, and take the blocking
 * from a pipe that other processes share.
 *
 * @param level how it stands in the journal of systemd, where that is standard error
 */
export async function tell(text: string, level: JournalLevel = 'info'): Promise<void> {
  const output = new Output(STDERR)
  try {
    const lines = printableLines(text)
    output.write(isJournal(STDERR, process.env) ? journalLines(level, lines) : lines, 0)
    await output.flush(AbortSignal.timeout(PATIENCE_MS))
  } catch (error) {
    if (!(error instanceof OutputError)) throw error
  } finally {
    output.close()
  }
}

/**
 * Prints what was asked for on standard output.
 *
 * @throws {OutputError} if it cannot be written; that the reader is gone is no error
 */
export async function print(text: string): Promise<void> {
  const output = new Output(STDOUT)
  try {
    output.write(text, 0)
    await output.flush()
  } finally {
    output.close()
  }
}
