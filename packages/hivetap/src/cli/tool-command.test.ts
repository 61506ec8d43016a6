import { NotPermittedError } from '@hivetap/bpf'
import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { execsnoop } from '../probes/execsnoop/execsnoop.js'
import { NoRungError } from '../probes/open-tool.js'
import { tcpconnect } from '../probes/tcpconnect/tcpconnect.js'
import { tcpconnlat } from '../probes/tcpconnlat/tcpconnlat.js'
import type { AnyTool, Placement } from '../probes/tool.js'
import { toolCommand } from './tool-command.js'

/** A tool, which opens nothing: it notes what it was asked to. */
function noting(noted: AnyTool = tcpconnlat): { tool: AnyTool; options: unknown[]; placements: Placement[] } {
  const options: unknown[] = []
  const placements: Placement[] = []
  const open = (given: unknown, placement: Placement) => {
    options.push(given)
    placements.push(placement)
    throw new NotPermittedError('not permitted', { number: 1, name: 'EPERM' }, { needs: 'capabilities' })
  }
  const { counting } = noted
  const tool: AnyTool = {
    ...noted,
    open,
    ...(counting === undefined ? {} : { counting: { ...counting, open } }),
  }
  return { tool, options, placements }
}

/** What tcpconnlat was opened with, for a command line. */
async function asked(...args: readonly string[]): Promise<{ options: unknown; placements: Placement[] }> {
  const { tool, options, placements } = noting()
  await expect(toolCommand(tool).parseAsync(args, { from: 'user' })).rejects.toThrow(NoRungError)
  return { options: options[0], placements }
}

/** What is said of a command line that is wrong. */
async function refusal(...args: readonly string[]): Promise<string> {
  return refusalOf(tcpconnlat, ...args)
}

async function refusalOf(noted: AnyTool, ...args: readonly string[]): Promise<string> {
  const { tool, options } = noting(noted)
  const command = toolCommand(tool)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
  const error: unknown = await command.parseAsync(args, { from: 'user' }).catch((reason: unknown) => reason)
  if (!(error instanceof CommanderError)) throw new Error(`it was taken: ${args.join(' ')}`)
  expect(options).toEqual([])
  expect(error.exitCode).toBe(1)
  return error.message
}

describe('tcpconnlat’s command line', () => {
  const plain = { output: 'table' }

  it.each([
    { args: [], options: {} },
    // As bcc has it.
    { args: ['1'], options: { minLatencyUs: 1000 } },
    { args: ['0.1'], options: { minLatencyUs: 100 } },
    { args: ['-t'], options: { timestamp: true } },
    { args: ['-p', '181'], options: { pid: 181 } },
    { args: ['-p181'], options: { pid: 181 } },
    { args: ['-L'], options: { lport: true } },
    { args: ['-4'], options: { ipv4: true } },
    { args: ['-6'], options: { ipv6: true } },
    { args: ['-v'], options: { verbose: true } },
    {
      args: ['-tLp', '181', '10'],
      options: { timestamp: true, lport: true, pid: 181, minLatencyUs: 10_000 },
    },
    { args: ['10', '-t'], options: { timestamp: true, minLatencyUs: 10_000 } },
    { args: ['--timestamp', '--pid=181', '--lport'], options: { timestamp: true, pid: 181, lport: true } },
    // Ours.
    { args: ['-P', '80,443,80'], options: { port: [80, 443] } },
    { args: ['-x', '-w'], options: { failed: true, wide: true } },
    { args: ['--failed', '--wide', '--port', '1'], options: { failed: true, wide: true, port: [1] } },
    { args: ['-o', 'json'], options: { output: 'json' } },
    { args: ['-o', 'rows', '--until-stdin-ends'], options: { output: 'rows', untilStdinEnds: true } },
    { args: ['--duration', '0.5', '--stats'], options: { duration: 0.5, stats: true } },
    { args: ['--', '5'], options: { minLatencyUs: 5000 } },
    // The last one counts, as with bcc's.
    { args: ['-p', '1', '-p', '2'], options: { pid: 2 } },
    // Lists are joined: the last alone would leave out, unsaid, what was asked for before.
    { args: ['-P', '80', '-P', '443'], options: { port: [80, 443] } },
    { args: ['-P', '80,443', '--port=22', '-P443,8080,80'], options: { port: [80, 443, 22, 8080] } },
  ])('$args', async ({ args, options }) => {
    expect((await asked(...args)).options).toEqual({ ...plain, ...options })
  })

  it('asks for a step of the ladder', async () => {
    const { placements } = await asked('--hook', 'raw_tp', '--buffer', 'perf')
    expect(placements.map(({ rung, buffer }) => `${rung} ${buffer}`)).toEqual(['raw_tp perf'])
  })

  it('asks for all rungs unless told', async () => {
    const { placements } = await asked()
    expect(placements.map(({ rung, buffer }) => `${rung} ${buffer}`)).toEqual([
      'tp_btf ringbuf',
      'raw_tp ringbuf',
      'tracepoint ringbuf',
    ])
  })
})

describe('a command line that is wrong', () => {
  it.each([
    { args: ['-4', '-6'], says: "option '-4, --ipv4' cannot be used with option '-6, --ipv6'" },
    { args: ['-6', '-4'], says: "option '-4, --ipv4' cannot be used with option '-6, --ipv6'" },
    { args: ['--nonsense'], says: "unknown option '--nonsense'" },
    { args: ['-z'], says: "unknown option '-z'" },
    { args: ['-1'], says: "unknown option '-1'" },
    { args: ['1', '2'], says: 'too many arguments' },
    { args: ['soon'], says: 'a time in milliseconds is a number, not "soon"' },
    { args: [''], says: 'a time in milliseconds is a number, not ""' },
    { args: ['9'.repeat(400)], says: 'a time in milliseconds is at most' },
    { args: ['-p'], says: 'argument missing' },
    { args: ['-p', 'x'], says: 'a process is a whole number' },
    { args: ['-p', '-1'], says: 'a process is a whole number' },
    { args: ['-P', '80', '-P', 'x'], says: 'a port is a whole number' },
    { args: ['-P', '80-90'], says: 'a port is a whole number' },
    { args: ['--duration', '0'], says: 'a time in seconds is more than 0' },
    { args: ['--duration', '99999999'], says: 'at most 2000000' },
    { args: ['-o', 'xml'], says: 'Allowed choices are table, json, rows' },
    { args: ['--hook', 'kprobe'], says: 'Allowed choices are tp_btf, raw_tp, tracepoint' },
    { args: ['--buffer', 'pipe'], says: 'Allowed choices are ringbuf, perf' },
    { args: ['-t=1'], says: "unknown option '-=1'" },
  ])('$args: $says', async ({ args, says }) => {
    expect(await refusal(...args)).toContain(says)
  })
})

describe('tcpconnect’s command line', () => {
  it.each([
    { args: ['-c', '-w'], says: "option '-c, --count' cannot be used with option '-w, --wide'" },
    { args: ['-tc'], says: "option '-c, --count' cannot be used with option '-t, --timestamp'" },
    { args: ['-U', '--count'], says: "option '-c, --count' cannot be used with option '-U, --print-uid'" },
    {
      args: ['-c', '--buffer', 'perf'],
      says: "option '-c, --count' cannot be used with option '--buffer <KIND>'",
    },
    { args: ['-i', '5'], says: "option '-i, --interval <S>' cannot be used without option '-c, --count'" },
    { args: ['-c', '-i', '0'], says: 'a time in seconds is more than 0' },
  ])('that is wrong: $args', async ({ args, says }) => {
    expect(await refusalOf(tcpconnect, ...args)).toContain(says)
  })

  it('counts where it is asked to', async () => {
    const { tool, options } = noting(tcpconnect)
    const args = ['-csP80', '--interval', '2']
    await expect(toolCommand(tool).parseAsync(args, { from: 'user' })).rejects.toThrow(NoRungError)
    expect(options[0]).toEqual({ output: 'table', count: true, sourcePort: true, port: [80], interval: 2 })
  })
})

describe('the help', () => {
  const help = toolCommand(tcpconnlat).helpInformation()

  it('has each flag once', () => {
    const flags = [
      ...tcpconnlat.flags.map((flag) => flag.flags),
      '--cgroup <PATH>',
      '--sample <1/N>',
      '-o, --output <FORMAT>',
      '--columns <NAME,…>',
      '-n, --namespace <NAME,…>',
      '-l, --selector <LABELS>',
      '--pod <NAME,…>',
      '--container <NAME,…>',
      '--kubeconfig <FILE>',
      '--context <NAME>',
      '--node-name <NAME>',
      '--duration <S>',
      '--until-stdin-ends',
      '--stats',
      '--hook <RUNG>',
      '--buffer <KIND>',
      '-v, --verbose',
      '-h, --help',
    ]
    const listed = [...help.matchAll(/^ {2}(-\S.*?)(?: {2,}|$)/gm)].map((match) => match[1])
    expect(listed).toEqual(flags)
  })

  it('leaves a letter to the tool that has it', () => {
    const flags = toolCommand(execsnoop).options.map((option) => option.flags)
    expect(flags).toContain('-n, --name <TEXT>')
    expect(flags).toContain('--namespace <NAME,…>')
    expect(flags).toContain('--selector <LABELS>')
  })

  it('has the argument, and what it is for', () => {
    expect(help).toMatch(/^Usage: tcpconnlat \[options\] \[MIN_MS\]$/m)
    expect(help).toMatch(/^ {2}MIN_MS {2,}leave out what took less, milliseconds$/m)
  })

  it('fits a terminal of 80 columns', () => {
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([])
  })
})
