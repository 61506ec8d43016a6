import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { HIVETAP, Hivetap } from './hivetap.js'

/** A line of an agent's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly message?: string }

/** An agent, as a process of its own. */
export class AgentRun extends Hivetap {
  /** @param args after `hivetap agent` @param prefix in front of the command line */
  constructor(args: readonly string[], stdout?: number, prefix: readonly string[] = []) {
    super(['agent', ...args], {
      env: { NOTIFY_SOCKET: '' },
      prefix,
      ...(stdout === undefined ? {} : { stdout }),
    })
  }

  /** Resolves when it records. */
  recording(): Promise<this> {
    return this.said('"recording"').then(() => this)
  }

  /** Resolves when its log holds a text. */
  said(text: string): Promise<void> {
    return this.until(({ stderr }) => stderr.includes(text), text)
  }

  /** Lines of its log that hold a text. */
  log(text: string): LogLine[] {
    return this.stderr
      .split('\n')
      .filter((line) => line.includes(text))
      .map((line) => JSON.parse(line) as LogLine)
  }
}

/** Whole lines of a file of JSON lines; none where there is no file yet. */
export function recordsIn(file: string): Readonly<Record<string, unknown>>[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
}

/** Of these, events of a tool: not its accounts. */
export function eventsIn(file: string, tool: string): Readonly<Record<string, unknown>>[] {
  return recordsIn(file).filter((record) => record['tool'] === tool && record['record'] === undefined)
}

/** Resolves when a file holds so many events of a tool. */
export async function untilHas(file: string, tool: string, count: number): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const has = eventsIn(file, tool).length
    if (has >= count) return
    if (Date.now() > deadline) throw new Error(`${file} has ${has} events of ${tool}, of ${count}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** What `hivetap audit` says of a file. */
export function auditOfFile(file: string) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [HIVETAP, 'audit', '--file', file, '-o', 'json'],
    { encoding: 'utf8' },
  )
  const said = stdout === '' ? stderr : (JSON.parse(stdout) as { readonly epochs: readonly AuditedEpoch[] })
  return { status, said, epochs: typeof said === 'string' ? [] : said.epochs }
}

/** Of what an audit says of an epoch, what tests look at. */
export interface AuditedEpoch {
  readonly epoch: string
  readonly verdict: string
  readonly state: string
  readonly produced: number
  readonly received: number
  readonly missing: number
  readonly tools: readonly { readonly tool: string; readonly produced: number; readonly filtered: number }[]
}
