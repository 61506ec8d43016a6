import { spawnSync } from 'node:child_process'
import { closeSync, fstatSync, mkdtempSync, read, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HIVETAP } from '../../../../../test/support/hivetap.js'
import { openPipe } from '../../../../../test/support/pipe.js'
import { openLog } from './open-log.js'

let pipe: ReturnType<typeof openPipe>
let directory: string
beforeEach(() => {
  pipe = openPipe()
  directory = mkdtempSync(join(tmpdir(), 'hivetap-journal-'))
})
afterEach(() => {
  closeSync(pipe.reader)
  closeSync(pipe.writer)
  rmSync(directory, { recursive: true })
})

/** What systemd says of a stream that leads to the journal. */
function journalStream(): string {
  const { dev, ino } = fstatSync(pipe.writer, { bigint: true })
  return `${dev}:${ino}`
}

/** Lines that were written to the pipe: less than it holds, and something. */
async function written(): Promise<string[]> {
  return (await readPiece()).split('\n').slice(0, -1)
}

async function readPiece(): Promise<string> {
  const { buffer, bytesRead } = await promisify(read)(pipe.reader, Buffer.alloc(1 << 16), 0, 1 << 16, null)
  return buffer.toString('utf8', 0, bytesRead)
}

/** All that hivetap writes to standard error, which is the pipe. */
function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string[]> {
  const { NO_COLOR: _, ...own } = process.env
  spawnSync(process.execPath, [HIVETAP, ...args], {
    env: { ...own, ...env },
    stdio: ['ignore', 'ignore', pipe.writer],
  })
  return written()
}

describe('the log where standard error is the journal', () => {
  it.each(['json', 'text'] as const)('has its level in front of each line: %s', async (format) => {
    const env = { JOURNAL_STREAM: journalStream() }
    const log = openLog({ level: 'debug', format }, { fd: pipe.writer, env })
    const inner = log.with({ level: 'error', sink: 'kafka' })
    for (const level of ['debug', 'info', 'warn', 'error'] as const)
      inner[level]('first\nsecond', { text: '\n<0>third' })
    await log.close()
    const lines = await written()
    expect(lines.map((line) => line.slice(0, 3))).toEqual(['<7>', '<6>', '<4>', '<3>'])
    for (const line of lines)
      expect(line).toMatch(format === 'json' ? /^<\d>\{.*\}$/ : /^<\d>\d\d:\d\d:\d\d /)
  })

  it('says so of lines that found no room too', async () => {
    const env = { JOURNAL_STREAM: journalStream() }
    const log = openLog({ level: 'info', format: 'json' }, { fd: pipe.writer, env })
    // Nothing is written before this returns, and two of them are what may wait.
    for (let count = 0; count < 3; count++) log.info('x'.repeat(100_000))
    let text = ''
    while (text.split('\n').length < 4) text += await readPiece()
    await log.close()
    expect(text.split('\n').map((line) => line.slice(0, 18))).toEqual([
      '<6>{"level":"info"',
      '<4>{"level":"warn"',
      '<6>{"level":"info"',
      '',
    ])
    expect(text).toContain('"message":"lines of the log found no room, and are lost","lines":1}')
  })

  it('is of the run itself, from its first line to why it ended', async () => {
    const notDirectory = join(directory, 'file')
    writeFileSync(notDirectory, '')
    const args = ['agent', '--tool', 'execsnoop', '--output', 'json', '--spool-dir', notDirectory]
    const lines = await run(args, { JOURNAL_STREAM: journalStream() })
    expect(lines.at(-1)).toMatch(/^<3>\{"level":"error".*the agent cannot go on"/)
    for (const line of lines) expect(line).toMatch(/^<[3467]>\{/)
    for (const line of await run(args, {})) expect(line).toMatch(/^\{/)
    // Led elsewhere since: the name stayed in the environment.
    for (const line of await run(args, { JOURNAL_STREAM: '1:1' })) expect(line).toMatch(/^\{/)
  })

  it('has what is wrong with a configuration as errors, line by line', async () => {
    const file = join(directory, 'hivetap.yaml')
    writeFileSync(file, 'tools: [nothing]\nsinks: [{type: nothing}]\nmore: 1\n')
    const lines = await run(['agent', '--config', file], { JOURNAL_STREAM: journalStream() })
    expect(lines.length).toBeGreaterThan(1)
    for (const line of lines) expect(line).toMatch(/^<3>hivetap: /)
    expect((await run(['agent', '--unknown'], { JOURNAL_STREAM: journalStream() }))[0]).toMatch(
      /^<3>hivetap: /,
    )
  })
})
