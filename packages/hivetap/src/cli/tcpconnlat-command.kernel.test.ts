import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Client } from '../../../../test/support/client.js'
import { events, HIVETAP, Hivetap } from '../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { printf } from '../../../../test/support/printf.js'
import { kernelObjects } from '../../../../test/support/programs-in-kernel.js'
import { toldBalance } from '../../../../test/support/told-balance.js'

const NOBODY = { address: '127.0.0.1', port: 1 }

let client: Client
const runs: Hivetap[] = []

beforeEach(() => {
  client = new Client()
})

afterEach(async () => {
  client.stop()
  for (const run of runs.splice(0)) await run.kill()
})

async function trace(...args: readonly string[]): Promise<Hivetap> {
  const { pid } = await client.who()
  const run = new Hivetap(['tcpconnlat', '-p', String(pid), '-v', ...args])
  runs.push(run)
  return run.attached()
}

describeKernel('the table', () => {
  it.each([
    {
      name: 'as it is',
      args: [],
      header: printf(
        '%-6s %-12s %-2s %-16s %-16s %-5s %s',
        'PID',
        'COMM',
        'IP',
        'SADDR',
        'DADDR',
        'DPORT',
        'LAT(ms)',
      ),
      format: '%-6d %-12.12s %-2d %-16s %-16s %-5d %.2f',
      fields: ['pid', 'comm', 'ip_version', 'source_address', 'destination_address', 'destination_port'],
    },
    {
      name: 'with the local port (-L)',
      args: ['-L'],
      header: printf(
        '%-6s %-12s %-2s %-16s %-6s %-16s %-5s %s',
        'PID',
        'COMM',
        'IP',
        'SADDR',
        'LPORT',
        'DADDR',
        'DPORT',
        'LAT(ms)',
      ),
      format: '%-6d %-12.12s %-2d %-16s %-6d %-16s %-5d %.2f',
      fields: [
        'pid',
        'comm',
        'ip_version',
        'source_address',
        'source_port',
        'destination_address',
        'destination_port',
      ],
    },
  ])('has the columns of bcc’s tcpconnlat, $name', async ({ args, header, format, fields }) => {
    const six = await client.listen('::1')
    const four = await client.listen('127.0.0.1')
    const table = await trace(...args)
    const json = await trace('-o', 'json')
    await client.ask({ op: 'name', bytes: [...Buffer.from('fifteen-letters')] })
    await client.connect(four)
    await client.connect(six)
    await table.until(({ lines }) => lines.length === 3, 'two rows')
    await json.until(({ lines }) => lines.length === 2, 'two events')
    const rows = events(json).map((event) =>
      printf(
        format,
        ...fields.map((field) => event[field] as string | number),
        (event['latency_us'] as number) / 1000,
      ),
    )
    // The two traces measure by their own programs: the latency differs by what lies between them.
    const without = (line: string) => line.replace(/\d+\.\d+$/, '')
    expect(table.lines[0]).toBe(header)
    expect(table.lines.slice(1).map(without)).toEqual(rows.map(without))
    expect(table.lines[1]).toMatch(/ \d+\.\d\d$/)
  })

  it('begins with the time since the first line (-t), as bcc’s %-9.3f', async () => {
    const listener = await client.listen('127.0.0.1')
    const run = await trace('-t')
    await client.connect(listener)
    await new Promise((resolve) => setTimeout(resolve, 120))
    await client.connect(listener)
    await run.until(({ lines }) => lines.length === 3, 'two rows')
    const [header, first, second] = run.lines
    expect(header?.startsWith('TIME(s)   PID    ')).toBe(true)
    expect(first?.slice(0, 10)).toBe('0.000     ')
    expect(Number(second?.slice(0, 9))).toBeGreaterThanOrEqual(0.12)
    expect(second?.slice(0, 10)).toMatch(/^\d\.\d{3} {5}$/)
  })

  it('says of a failed connect that it failed, also without -w', async () => {
    const run = await trace('-x')
    await client.connect(NOBODY)
    await run.until(({ lines }) => lines.length === 2, 'a row')
    expect(run.lines[1]).toMatch(/ 1 {5}\d+\.\d\d refused$/)
  })

  it('has outcome, cause, round trip and retransmissions with -w', async () => {
    const listener = await client.listen('127.0.0.1')
    const run = await trace('-x', '-w')
    await client.connect(listener)
    await client.connect(NOBODY)
    await run.until(({ lines }) => lines.length === 3, 'two rows')
    expect(run.lines[0]).toMatch(/ LAT\(ms\) {3}OUTCOME {5}CAUSE {5}SRTT\(ms\) RETRANS$/)
    expect(run.lines[1]).toMatch(/ connected {3}network {3}\d+\.\d+ +0$/)
    expect(run.lines[2]).toMatch(/ refused {5}- {9}- {8}0$/)
  })

  it('never gives a terminal the control characters of a name', async () => {
    const listener = await client.listen('127.0.0.1')
    const table = await trace()
    const json = await trace('-o', 'json')
    // ESC ] 0 ; x BEL sets a title; C2 9B is the one-character CSI; FF is no UTF-8.
    await client.ask({ op: 'name', bytes: [0x1b, 0x5d, 0x30, 0x3b, 0x78, 0x07, 0xc2, 0x9b, 0x7f, 0xff] })
    await client.connect(listener)
    await table.until(({ lines }) => lines.length === 2, 'a row')
    await json.until(({ lines }) => lines.length === 1, 'an event')
    const unprintable = /[^\n\u0020-\u007e\u00a0-\uffff]/
    expect(table.stdout).not.toMatch(unprintable)
    expect(json.stdout).not.toMatch(unprintable)
    expect(table.lines[1]).toContain('?]0;x???\ufffd')
    expect(events(json)[0]?.['comm']).toBe('\u001b]0;x\u0007\u009b\u007f\ufffd')
  })
})

describeKernel('the JSON', () => {
  it('has an envelope: version, a unique id that counts, the time, host and tool', async () => {
    const listener = await client.listen('127.0.0.1')
    const run = await trace('-o', 'json')
    const before = Date.now()
    for (let count = 0; count < 3; count++) await client.connect(listener)
    await run.until(({ lines }) => lines.length === 3, 'three events')
    const after = Date.now()
    const seen = events(run)
    const ids = seen.map((event) => String(event['event_id']))
    const epoch = ids[0]?.slice(0, 36)
    expect(ids).toEqual([0, 1, 2].map((sequence) => `${epoch}-${sequence}`))
    expect(epoch).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    for (const event of seen) {
      expect(event).toMatchObject({
        version: 1,
        tool: 'tcpconnlat',
        host: execFileSync('hostname', { encoding: 'utf8' }).trim(),
      })
      expect(event['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
      const time = Date.parse(String(event['time']))
      // The wall clock may be set between the two by a few milliseconds.
      expect(time).toBeGreaterThanOrEqual(before - 5)
      expect(time).toBeLessThanOrEqual(after + 5)
    }
  })
})

describeKernel('the end', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'comes in order by %s, with nothing left in the kernel',
    async (signal) => {
      const before = kernelObjects()
      const run = await trace('-x')
      expect(kernelObjects().programs.length).toBeGreaterThan(before.programs.length)
      expect(await run.end(signal)).toEqual({ code: 0, signal: null })
      // The kernel frees what nobody refers to any more after a grace period.
      await expect.poll(() => leftBehind(before), { timeout: 5000 }).toEqual([])
    },
  )

  it('comes by itself after --duration', async () => {
    const run = await trace('--duration', '0.3')
    expect(await run.ended()).toEqual({ code: 0, signal: null })
  })

  it('comes in order when the reader is gone', async () => {
    const listener = await client.listen('127.0.0.1')
    const { pid } = await client.who()
    // head(1) takes the header and one row, and goes.
    const shell = spawn(
      'sh',
      [
        '-c',
        `"${process.execPath}" "${HIVETAP}" tcpconnlat -v -p ${pid} | head -n 2; echo "status \${PIPESTATUS:-}"`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let errors = ''
    shell.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    while (!errors.includes('attached by')) await new Promise((resolve) => setTimeout(resolve, 10))
    for (let count = 0; shell.exitCode === null && count < 500; count++) {
      await client.connect(listener)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(shell.exitCode).toBe(0)
    expect(errors).not.toMatch(/EPIPE|Error/)
  })

  it('comes by Ctrl-C also while the reader does not read, and says what was not written', async () => {
    const listener = await client.listen('127.0.0.1', { backlog: 2000 })
    const { pid } = await client.who()
    // What lies between holds some 200 KB: not half of the events.
    const child = spawn(process.execPath, [HIVETAP, 'tcpconnlat', '-v', '-p', String(pid), '-o', 'json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    child.stdout.pause()
    while (!errors.includes('attached by')) await new Promise((resolve) => setTimeout(resolve, 10))
    for (let count = 0; count < 1000; count++) await client.close((await client.connect(listener)).fd)
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
    const { own, told, underWay, lost } = toldBalance(errors)
    expect({ own, underWay, ended: told + lost }).toEqual({ own: 1000, underWay: 0, ended: 1000 })
    expect(lost).toBeGreaterThan(0)
    expect(errors).toContain('not written (output)')
  })

  it('says that the disk is full', async () => {
    const listener = await client.listen('127.0.0.1')
    const { pid } = await client.who()
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [HIVETAP, 'tcpconnlat', '-p', String(pid)], {
      stdio: ['ignore', full, 'pipe'],
    })
    closeSync(full)
    let errors = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    const exit = once(child, 'exit')
    const connecting = setInterval(() => void client.connect(listener), 50)
    const [code] = await exit
    clearInterval(connecting)
    expect(code).toBe(1)
    expect(errors).toMatch(/^hivetap: Cannot write to standard output: ENOSPC/m)
    expect(errors).not.toContain('    at ')
  })
})

describe('what it says when it cannot', () => {
  const hivetap = (...args: readonly string[]) => {
    try {
      return {
        code: 0,
        stderr: '',
        stdout: execFileSync(process.execPath, [HIVETAP, ...args], { encoding: 'utf8', stdio: 'pipe' }),
      }
    } catch (error) {
      const { status, stderr, stdout } = error as { status: number; stderr: string; stdout: string }
      return { code: status, stderr, stdout }
    }
  }

  it.each([
    { args: ['tcpconnlat', '--nonsense'], says: 'unknown option' },
    { args: ['tcpconnlat', '-p', '0'], says: 'a process is a whole number from 1 to 4194303, not "0"' },
    { args: ['tcpconnlat', '-P', '80,x'], says: 'a port is a whole number from 1 to 65535, not "x"' },
    { args: ['tcpconnlat', '-4', '-6'], says: 'cannot be used with' },
    { args: ['tcpconnlat', 'soon'], says: 'a time in milliseconds is a number, not "soon"' },
    { args: ['tcpconnlat', '--hook', 'kprobe'], says: 'Allowed choices are tp_btf, raw_tp, tracepoint' },
    { args: ['nothing'], says: "unknown command 'nothing'" },
  ])('$args: one sentence, exit status 2', ({ args, says }) => {
    const { code, stderr, stdout } = hivetap(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(says)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(stdout).toBe('')
  })

  it('says what rights it takes, without a stack trace, exit status 1', () => {
    const run = (...args: readonly string[]) => {
      try {
        return execFileSync(
          'setpriv',
          ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, HIVETAP, ...args],
          { encoding: 'utf8', stdio: 'pipe' },
        )
      } catch (error) {
        return error as { status: number; stderr: string }
      }
    }
    const failed = process.getuid?.() === 0 ? run('tcpconnlat') : hivetap('tcpconnlat')
    expect(failed).toMatchObject({
      stderr: expect.stringMatching(
        /^hivetap: .*not permitted\. Run it as root, or with CAP_BPF and CAP_PERFMON .*\n$/,
      ),
    })
  })
})

function leftBehind(before: ReturnType<typeof kernelObjects>): string[] {
  const after = kernelObjects()
  const fresh = (kind: 'programs' | 'maps' | 'links') =>
    after[kind].filter((id) => !before[kind].includes(id)).map((id) => `${kind} ${id}`)
  return [...fresh('programs'), ...fresh('maps'), ...fresh('links')]
}
