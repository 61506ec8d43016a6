import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasCommand } from '../../../../../test/support/commands.js'
import { DatagramReceiver } from '../../../../../test/support/datagram-receiver.js'
import { HIVETAP } from '../../../../../test/support/hivetap.js'
import { VERSION } from '../version.js'
import { readHealth } from './read-health.js'

const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url))

/** A service whose run is what a test says: it stands for the pipeline, which is tested for itself. */
const PROGRAM = `
const [dist, file, kind] = process.argv.slice(1)
const { serve } = await import(dist + 'agent/service/serve.js')
const { loadConfig } = await import(dist + 'agent/config/load-config.js')
const { z } = await import('zod')
const kinds = [{ type: 'out', config: z.strictObject({ type: z.literal('out'), name: z.string() }) }]
const read = () => loadConfig({ file, kinds })
const say = (text) => process.stdout.write(text + '\\n')
const state = () => ({
  epoch: 'e', tools: [{ tool: 'execsnoop', attached: true }],
  sinks: [{ name: 'out', type: 'out', up: false, sinceMs: 0, reason: 'gone\\u001b[31m', backlogBytes: 1, delivered: 2, lost: {} }],
  spool: { heldBytes: 0, maxBytes: 1, faults: [] }, produced: 3, dropped: {},
  summaries: { events: 100, other: 40, recentShare: 0.5, keys: 2, maxKeys: 2 },
  names: { events: 3, unknownProgram: 0, unknownCgroup: 0, unresolvedPod: 0, away: new Map() },
})
const run = async (config, { log, stop, abandon, ready }) => {
  if (kind === 'fails') throw new Error('no room', { cause: new Error('ENOSPC') })
  if (kind === 'floods') for (let i = 0; i < 100_000; i++) log.info('line', { i })
  const reload = async (next) => {
    if (next.node === 'refused') throw new Error('it does not attach')
    say('reloaded ' + next.node)
    return { applied: ['node'], needsRestart: ['spool'] }
  }
  ready({ state, isAlive: () => kind !== 'stuck', reload })
  say('ready')
  const keep = setInterval(() => {}, 1000)
  await new Promise((resolve) => {
    stop.addEventListener('abort', () => { say('stop'); if (kind !== 'slow' && kind !== 'hangs') resolve() })
    abandon.addEventListener('abort', () => { say('abandon'); if (kind !== 'hangs') resolve() })
  })
  clearInterval(keep)
}
const isAsked = await serve(await read(), { ...(kind === 'no file' ? {} : { read }), run })
say('ended ' + isAsked)
`

let directory: string
let file: string
let children: ChildProcess[]
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-serve-'))
  file = join(directory, 'hivetap.yaml')
  children = []
  configure('')
})
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const end = once(child, 'exit')
    child.kill('SIGKILL')
    await end
  }
  rmSync(directory, { recursive: true })
})

function configure(more: string): void {
  writeFileSync(file, `tools: [execsnoop]\nsinks: [{type: out}]\n${more}`)
}

/** Lines as they come. */
class Lines {
  readonly all: string[] = []
  #wake: () => void = () => undefined

  constructor(stream: NodeJS.ReadableStream) {
    createInterface({ input: stream }).on('line', (line) => {
      this.all.push(line)
      this.#wake()
    })
  }

  /** Waits for a line that holds a text. */
  async until(text: string): Promise<string> {
    for (;;) {
      const found = this.all.find((line) => line.includes(text))
      if (found !== undefined) return found
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

function start(kind = '', env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, '--', DIST, file, kind], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, NOTIFY_SOCKET: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const end = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  return {
    child,
    end,
    out: new Lines(child.stdout),
    log: kind === 'floods' ? undefined : new Lines(child.stderr),
  }
}

describe('signals', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s ends a run in order', async (signal) => {
    const { child, end, out, log } = start()
    await out.until('ready')
    child.kill(signal)
    expect(await end).toEqual([0, null])
    expect(out.all).toEqual(['ready', 'stop', 'ended true'])
    expect(JSON.parse((await log?.until('ending')) ?? '')).toMatchObject({
      level: 'info',
      signal,
      within_ms: 10_000,
    })
  })

  it('a second one ends it at once', async () => {
    const { child, end, out } = start('slow')
    await out.until('ready')
    child.kill('SIGTERM')
    await out.until('stop')
    child.kill('SIGINT')
    expect(await end).toEqual([0, null])
    expect(out.all).toEqual(['ready', 'stop', 'abandon', 'ended true'])
  })

  it('a third one ends the process, whatever it is at', async () => {
    const { child, end, out } = start('hangs')
    await out.until('ready')
    for (const said of ['stop', 'abandon']) {
      child.kill('SIGTERM')
      await out.until(said)
    }
    child.kill('SIGTERM')
    expect(await end).toEqual([null, 'SIGTERM'])
  })

  it('a run that does not end in its time is ended', async () => {
    configure('shutdown_timeout: 0s\n')
    const { child, end, out } = start('hangs')
    await out.until('ready')
    child.kill('SIGTERM')
    expect(await end).toEqual([null, 'SIGKILL'])
    expect(out.all).toEqual(['ready', 'stop', 'abandon'])
  })

  it('SIGHUP ends a run that has no file to read anew', async () => {
    const { child, end, out } = start('no file')
    await out.until('ready')
    child.kill('SIGHUP')
    expect(await end).toEqual([0, null])
  })
})

describe('SIGHUP', () => {
  it('hands a valid configuration to the run, and says what is changed', async () => {
    const { child, out, log } = start()
    await out.until('ready')
    configure('node: other\nlog: {level: warn}\n')
    child.kill('SIGHUP')
    await out.until('reloaded other')
    expect(JSON.parse((await log?.until('read anew')) ?? '')).toMatchObject({
      changed: expect.arrayContaining(['node', 'log.level']),
    })
  })

  it('leaves the run as it is where the configuration is wrong, and says why', async () => {
    const { child, out, log } = start()
    await out.until('ready')
    configure('nod: x\n')
    child.kill('SIGHUP')
    expect(JSON.parse((await log?.until('wrong')) ?? '')).toMatchObject({
      level: 'error',
      problem: `${file}:3:1: nod: there is no such key; did you mean node?`,
    })
    configure('node: refused\n')
    child.kill('SIGHUP')
    expect(await log?.until('cannot be used')).toContain('it does not attach')
    configure('node: good\n')
    child.kill('SIGHUP')
    await out.until('reloaded good')
    expect(out.all).toEqual(['ready', 'reloaded good'])
  })
})

describe('a run that ends by itself', () => {
  it('says why, with its cause', async () => {
    const { end, out, log } = start('fails')
    expect(await end).toEqual([0, null])
    expect(out.all).toEqual(['ended false'])
    expect(JSON.parse(log?.all[0] ?? '')).toMatchObject({ level: 'error', error: 'no room: ENOSPC' })
  })
})

describe('a log that nobody reads', () => {
  it('keeps nothing waiting, and says at last how much was lost', async () => {
    const { child, end, out } = start('floods')
    await out.until('ready')
    child.kill('SIGHUP')
    child.kill('SIGTERM')
    await out.until('stop')
    const log = new Lines(child.stderr as NodeJS.ReadableStream)
    expect(await end).toEqual([0, null])
    const lost = JSON.parse(await log.until('are lost')) as { lines: number }
    const numbers = log.all.flatMap((line) => {
      const { i } = JSON.parse(line) as { i?: number }
      return i === undefined ? [] : [i]
    })
    expect(numbers.length + lost.lines).toBeGreaterThanOrEqual(100_000)
    expect(numbers).toEqual(numbers.map((_, index) => index))
  })
})

describe.skipIf(!hasCommand('python3'))('a supervisor', () => {
  it('is told each turn, with the clock that it wants', async () => {
    const name = join(directory, 'notify')
    const receiver = await DatagramReceiver.bind(name)
    try {
      const { child, end, out } = start('', { NOTIFY_SOCKET: name, WATCHDOG_USEC: '200000' })
      await out.until('ready')
      await receiver.until((all) => all.filter((one) => one === 'WATCHDOG=1').length > 2)
      child.kill('SIGHUP')
      await receiver.until(
        (all) =>
          all.some((one) => one.startsWith('RELOADING')) &&
          all.filter((one) => one === 'READY=1').length === 2,
      )
      child.kill('SIGTERM')
      expect(await end).toEqual([0, null])
      await receiver.until((all) => all.includes('STOPPING=1'))
      const turns = receiver.received
        .filter((one) => one !== 'WATCHDOG=1')
        .map((one) => one.replace(/=\d{6,}/, '=NUMBER'))
      expect(turns).toEqual([
        'STATUS=1 of 1 tools attached; out down: gone?[31m; spool 0 of 0 MiB',
        'READY=1',
        'RELOADING=1\nMONOTONIC_USEC=NUMBER',
        'READY=1',
        'STOPPING=1',
      ])
    } finally {
      await receiver.close()
    }
  })

  it('hears nothing of a run that does not get on, nor what is meant for another process', async () => {
    for (const [kind, more] of [
      ['stuck', {}],
      ['', { WATCHDOG_PID: '1' }],
    ] as const) {
      const name = `@hivetap-serve-${process.pid}`
      const receiver = await DatagramReceiver.bind(name)
      try {
        const { child, end, out, log } = start(kind, { NOTIFY_SOCKET: name, WATCHDOG_USEC: '20000', ...more })
        await out.until('ready')
        if (kind === 'stuck') await log?.until('nothing moves')
        child.kill('SIGTERM')
        await end
        await receiver.until((all) => all.includes('STOPPING=1'))
        expect(receiver.received).not.toContain('WATCHDOG=1')
      } finally {
        await receiver.close()
      }
    }
  })

  it('that is not there is no reason not to run', async () => {
    const { child, end, out, log } = start('', { NOTIFY_SOCKET: join(directory, 'none') })
    await out.until('ready')
    child.kill('SIGTERM')
    expect(await end).toEqual([0, null])
    expect(log?.all.filter((line) => line.includes('cannot be told'))).toHaveLength(1)
  })
})

describe('health', () => {
  it('stands in a file and at a socket, for its user alone there, and goes with the agent', async () => {
    const [path, socket] = [join(directory, 'health'), join(directory, 'health.sock')]
    configure(`health: {file: ${path}, socket: ${socket}}\n`)
    const { child, end, out } = start()
    await out.until('ready')
    const text = expect.stringMatching(
      /^healthy: agent of .*; 40 of 100 connects summed up stand under other; sink out is down: gone.*; 50 % of the connects/,
    )
    expect(await readHealth(socket)).toMatchObject({ healthy: true, text })
    while (!readFileSync(path, 'utf8').includes('"epoch"'))
      await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await readHealth(path)).toMatchObject({ healthy: true, text })
    const { stdout, status } = spawnSync(process.execPath, [HIVETAP, 'health', '-o', 'json', socket], {
      encoding: 'utf8',
    })
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      version: VERSION,
      healthy: true,
      text,
      health: { pid: child.pid, state: { epoch: expect.any(String) } },
    })
    expect(statSync(socket).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).not.toContain('\u001b')
    child.kill('SIGTERM')
    await end
    expect([existsSync(path), existsSync(socket)]).toEqual([false, false])
    expect(await readHealth(path)).toMatchObject({ healthy: false })
  })

  it('of a run that does not get on is bad', async () => {
    configure(`health: {socket: ${join(directory, 's')}}\n`)
    const { out } = start('stuck')
    await out.until('ready')
    expect(await readHealth(join(directory, 's'))).toMatchObject({
      healthy: false,
      text: expect.stringContaining('not healthy: agent of'),
    })
  })

  it('takes over a socket that was left behind, and no other’s', async () => {
    const socket = join(directory, 's')
    configure(`health: {socket: ${socket}}\n`)
    const first = start()
    await first.out.until('ready')
    const second = start()
    await second.end
    expect(second.log?.all[0]).toContain('is another agent’s')
    first.child.kill('SIGKILL')
    await first.end
    expect(await readHealth(socket)).toMatchObject({
      healthy: false,
      text: `${socket} is a socket that nobody listens at: the agent is gone`,
    })
    const third = start()
    await third.out.until('ready')
    expect(await readHealth(socket)).toMatchObject({ healthy: true })
  })

  it('is not told by what is old, of before the start of the host, or something else', async () => {
    const path = join(directory, 'h')
    const answer = async (text: string) => {
      writeFileSync(path, text)
      return readHealth(path)
    }
    const now = Math.round(performance.timeOrigin + performance.now())
    const record = (monotonic_ms: number) =>
      JSON.stringify({ healthy: true, reasons: [], node: 'n', pid: 1, monotonic_ms })
    expect(await answer(record(-100_000))).toMatchObject({
      healthy: false,
      text: expect.stringContaining('seconds old'),
    })
    expect(await answer(record(now))).toMatchObject({
      healthy: false,
      text: expect.stringContaining('before this host'),
    })
    for (const text of ['', '{', '{}', 'null', '[]', '"x"'])
      expect(await answer(text), text).toMatchObject({ healthy: false })
  })

  it('is not told by a socket that says nothing', async () => {
    const path = join(directory, 'mute')
    const server = createServer(() => undefined).listen(path)
    await once(server, 'listening')
    expect(await readHealth(path)).toMatchObject({
      healthy: false,
      text: `${path} does not answer within 3 seconds`,
    })
    server.close()
  })
})
