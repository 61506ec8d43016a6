import { isatty } from 'node:tty'
import { type Logger, pino } from 'pino'
import { isJournal, journalLines } from '../../io/journal.js'
import { printableJson } from '../../stream/printable.js'
import { type AgentLog, LOG_LEVELS, type LogDetails, type LogFormat, type LogLevel } from '../agent.js'
import { errorText } from './error-text.js'
import { LogOutput } from './log-output.js'
import { logText } from './log-text.js'

const STDERR = 2

/** A log, and what only its owner does with it. */
export interface OpenLog extends AgentLog {
  /** What is said at least from now on, in all logs made of it. */
  setLevel(level: LogLevel): void
  /** Writes what waits. */
  close(): Promise<void>
}

/** Where a log is written, other than to standard error of this process. */
export interface LogOptions {
  readonly fd?: number
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * Opens the agent's own log, on standard error. Where that is the journal, each line has its level as the journal has it in
 * front: else all would stand there with one.
 */
export function openLog(
  { level, format }: { readonly level: LogLevel; readonly format: LogFormat },
  { fd = STDERR, env = process.env }: LogOptions = {},
): OpenLog {
  const isText = format === 'text' || (format === 'auto' && isatty(fd))
  const plainly = (line: string) => (isText ? logText(line) : printableJson(line))
  const shape = isJournal(fd, env) ? (line: string) => journalLines(levelOf(line), plainly(line)) : plainly
  const output = new LogOutput(fd, (lines) =>
    shape(
      `${JSON.stringify({ level: 'warn', time: new Date().toISOString(), message: 'lines of the log found no room, and are lost', lines })}\n`,
    ),
  )
  const logger = pino(
    {
      level: 'debug',
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => output.write(shape(line)) },
  )
  const threshold = { level }
  return Object.assign(logOf(logger, threshold), {
    setLevel: (next: LogLevel) => {
      threshold.level = next
    },
    close: () => output.close(),
  })
}

/** The level of a line: what stands first in it. */
function levelOf(line: string): LogLevel {
  const said = /^\{"level":"(\w+)"/.exec(line)?.[1]
  return LOG_LEVELS.find((level) => level === said) ?? 'info'
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

function logOf(logger: Logger, threshold: { readonly level: LogLevel }): AgentLog {
  const say =
    (level: LogLevel) =>
    (message: string, details: LogDetails = {}) => {
      if (RANK[level] >= RANK[threshold.level]) logger[level](plain(details), message)
    }
  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    with: (details) => logOf(logger.child(plain(details)), threshold),
  }
}

/** Names of the line's own parts, which a detail cannot take. */
const RESERVED = new Set(['level', 'time', 'message'])

/** Details as JSON takes them. */
function plain(details: LogDetails): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [
      RESERVED.has(key) ? `${key}_` : key,
      value instanceof Error ? errorText(value) : typeof value === 'bigint' ? String(value) : value,
    ]),
  )
}
