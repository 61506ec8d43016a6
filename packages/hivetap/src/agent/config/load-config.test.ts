import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SAMPLE_KINDS } from '../../../../../test/support/destination-kinds.js'
import type { AgentConfig } from '../agent.js'
import { ConfigError } from './config-error.js'
import type { KeyGroup } from './config-key.js'
import type { GivenFlag } from './flag-values.js'
import { agentKeys } from './keys-of-schema.js'
import { loadConfig } from './load-config.js'

let directory: string
let file: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-config-'))
  file = join(directory, 'hivetap.yaml')
})
afterAll(() => rmSync(directory, { recursive: true }))

const GROUPS: readonly KeyGroup[] = agentKeys(SAMPLE_KINDS)
const LEAST = 'tools: [tcpconnlat]\nsinks: [{type: out}]\n'

/** `--spool-dir x` as the command has it. */
function flag(name: string, given: GivenFlag['given']): GivenFlag {
  for (const { sink, keys } of GROUPS) {
    const key = keys.find((one) => one.flag === name)
    if (key !== undefined) return { key, given, ...(sink === undefined ? {} : { sink }) }
  }
  throw new Error(`there is no flag ${name}`)
}

async function load(
  text: string | Uint8Array | undefined,
  flags: readonly GivenFlag[] = [],
  sinkTypes: readonly string[] = [],
): Promise<AgentConfig> {
  if (text !== undefined) writeFileSync(file, text)
  return loadConfig({
    ...(text === undefined ? {} : { file }),
    flags,
    sinkTypes,
    kinds: SAMPLE_KINDS,
    env: {},
  })
}

/** Everything that is said to be wrong, without the folder. */
async function wrong(
  text: string | Uint8Array | undefined,
  flags: readonly GivenFlag[] = [],
): Promise<string[]> {
  const error: unknown = await load(text, flags).catch((reason: unknown) => reason)
  if (!(error instanceof ConfigError)) throw new Error('it was taken', { cause: error })
  return error.message.replaceAll(`${directory}/`, '').split('\n')
}

describe('a configuration', () => {
  it('fills in what is left out', async () => {
    expect(await load(LEAST)).toMatchObject({
      node: hostname(),
      tools: [{ tool: { name: 'tcpconnlat' }, options: {} }],
      buffer: {},
      spool: {
        maxBytes: 2 ** 30,
        maxAgeMs: 7 * 86_400_000,
        segmentBytes: 2 ** 24,
        policy: 'drop_oldest',
        fsync: 'interval',
      },
      sinks: [{ name: 'out', type: 'out', settings: { type: 'out', name: 'out' } }],
      queue: { batchRecords: 1000, batchBytes: 524_288, delayMs: 100, sinkBytes: 2 ** 23 },
      accountIntervalMs: 60_000,
      shutdownTimeoutMs: 10_000,
      log: { level: 'info', format: 'auto' },
      health: {},
    })
  })

  it('leaves out what is not asked for: in memory, not pinned, the best that works', async () => {
    const config = await load(LEAST)
    expect(Object.keys(config)).not.toContain('pin')
    expect(Object.keys(config)).not.toContain('hook')
    expect(Object.keys(config.spool)).not.toContain('dir')
  })

  it('reads a tool’s options by the parsers of its flags, and gives all tools the filters', async () => {
    const { tools } = await load(`
tools:
  - name: tcpconnlat
    options: { min_ms: 0.5, port: [80, 443], failed: true, wide: false, pid: 7 }
  - { name: execsnoop, required: true }
filters: { pid: 1, uid: 0, sample: 1/10, cgroup: /sys/fs/cgroup }
sinks: [{ type: out }]
`)
    const filters = { pid: 1, uid: 0, sample: 10, cgroup: '/sys/fs/cgroup' }
    expect(tools.map(({ required }) => required)).toEqual([undefined, true])
    expect(tools.map(({ options }) => options)).toEqual([
      { ...filters, minLatencyUs: 500, port: [80, 443], failed: true, pid: 7 },
      filters,
    ])
  })

  it('makes the size of a buffer a power of two, since a ring buffer has one', async () => {
    const { buffer } = await load(`${LEAST}buffer: { bytes: 3MiB, kind: perf }\n`)
    expect(buffer).toEqual({ bytes: 2 ** 22, kind: 'perf' })
  })

  it('calls the node as the environment says, before the host', async () => {
    writeFileSync(file, LEAST)
    const node = async (env: Record<string, string>) =>
      (await loadConfig({ file, kinds: SAMPLE_KINDS, env })).node
    expect(await node({ NODE_NAME: 'worker-1' })).toBe('worker-1')
    expect(await node({ NODE_NAME: '' })).toBe(hostname())
  })

  it('has several sinks of a type, by name', async () => {
    const { sinks } = await load('tools: [execsnoop]\nsinks: [{type: out}, {type: out, name: second}]\n')
    expect(sinks.map(({ name }) => name)).toEqual(['out', 'second'])
  })
})

describe('flags', () => {
  const queue = [flag('--queue-brokers', ['a:1,b:2', 'c:3']), flag('--queue-topic', 'events')]

  it('say everything, without a file', async () => {
    const flags = [flag('--tool', ['tcpconnlat', 'execsnoop']), flag('--spool-dir', '/s'), ...queue]
    const config = await load(undefined, flags)
    expect(config.tools.map(({ tool }) => tool.name)).toEqual(['tcpconnlat', 'execsnoop'])
    expect(config.spool.dir).toBe('/s')
    expect(config.sinks).toEqual([
      {
        name: 'queue',
        type: 'queue',
        settings: {
          type: 'queue',
          name: 'queue',
          brokers: ['a:1', 'b:2', 'c:3'],
          topic: 'events',
          compression: 'lz4',
          linger: 3,
          tls: { enabled: false },
        },
      },
    ])
  })

  it('go before the file', async () => {
    const text = `
tools: [exitsnoop]
spool: { dir: /a, max_age: 1h }
sinks:
  - { type: out }
  - { type: queue, name: far, brokers: [x:1], topic: t, tls: { ca_file: /ca } }
`
    const flags = [
      flag('--tool', ['execsnoop']),
      flag('--spool-dir', '/b'),
      flag('--pin', true),
      flag('--queue-topic', 'other'),
      flag('--queue-linger', '7'),
      flag('--queue-tls-enabled', 'true'),
    ]
    const config = await load(text, flags)
    expect(config.tools.map(({ tool }) => tool.name)).toEqual(['execsnoop'])
    expect(config.spool).toMatchObject({ dir: '/b', maxAgeMs: 3_600_000 })
    expect(config.pin).toEqual({ directory: '/sys/fs/bpf/hivetap' })
    expect(config.sinks[1]).toMatchObject({
      name: 'far',
      settings: { brokers: ['x:1'], topic: 'other', linger: 7, tls: { enabled: true, ca_file: '/ca' } },
    })
  })

  it('add a sink of which nothing needs to be said', async () => {
    const config = await load('tools: [execsnoop]\nspool:\n', [flag('--spool-dir', '/b')], ['out'])
    expect(config.sinks.map(({ type }) => type)).toEqual(['out'])
    expect(config.spool.dir).toBe('/b')
  })

  it('have errors of their own', async () => {
    expect(
      await wrong(undefined, [
        flag('--tool', ['tcpconlat']),
        flag('--queue-compression', 'lz'),
        flag('--queue-linger', 'x'),
        flag('--spool-max-bytes', '1gb'),
      ]),
    ).toEqual([
      '--tool: tools[0]: there is no tool "tcpconlat"; did you mean tcpconnlat?',
      '--spool-max-bytes: spool.max_bytes: is a size such as 64KiB, 10MB or 1GiB, or a number of bytes, not "1gb"',
      '--queue-compression: sinks[0].brokers: is missing',
      '--queue-compression: sinks[0].topic: is missing',
      '--queue-compression: sinks[0].compression: is one of none, lz4, not "lz"; did you mean lz4?',
      '--queue-linger: sinks[0].linger: is a number, not "x"',
    ])
  })

  it('are refused where several sinks could be meant', async () => {
    const two =
      '{type: queue, name: a, brokers: [x], topic: t}, {type: queue, name: b, brokers: [x], topic: t}'
    expect(await wrong(`tools: [execsnoop]\nsinks: [${two}]\n`, [flag('--queue-topic', 'x')])).toEqual([
      '--queue-topic: the file has several sinks of type queue: say there which',
    ])
  })

  it('without which nothing would run say which', async () => {
    expect(await wrong(undefined)).toEqual([
      'the command line: tools: is missing: --tool NAME says what to run',
      'the command line: sinks: is missing: --sink TYPE, or a flag of a sink, says where events go',
    ])
  })
})

describe('a file that is wrong', () => {
  it('is told of whole: line, column, key, and what was meant', async () => {
    expect(
      await wrong(`nod: x
tools:
  - tcpconlat
  - name: tcpconnlat
    options: { minms: 1, failed: yes, ipv4: true, ipv6: true, port: [80, x] }
  - 7
filters: { pid: -1, sample: 1/x }
spool:
  max_bytes: 1gb
  max_age: 10
  policy: drop_newst
  maxAge: 3d
  segment_bytes: 1GiB
sinks:
  - type: queue
    brokers: x
    tls: { ca: /x }
  - type: quue
  - brokers: [x]
log:
  level: 3
`),
    ).toEqual([
      'hivetap.yaml:1:1: nod: there is no such key; did you mean node?',
      'hivetap.yaml:3:5: tools[0]: there is no tool "tcpconlat"; did you mean tcpconnlat?',
      'hivetap.yaml:5:16: tools[1].options.minms: tcpconnlat has no such option; did you mean min_ms?',
      'hivetap.yaml:5:26: tools[1].options.failed: of tcpconnlat: is on or off: true or false, not "yes"',
      'hivetap.yaml:5:39: tools[1].options.ipv4: cannot stand beside ipv6',
      'hivetap.yaml:5:63: tools[1].options.port: of tcpconnlat: a port is a whole number from 1 to 65535, not "x"',
      'hivetap.yaml:6:5: tools[2]: is a text or a map of keys, not 7',
      'hivetap.yaml:7:12: filters.pid: is too small: at least 1',
      'hivetap.yaml:7:21: filters.sample: the part of a sample is a whole number from 1 to 4294967295, not "x"',
      'hivetap.yaml:9:3: spool.max_bytes: is a size such as 64KiB, 10MB or 1GiB, or a number of bytes, not "1gb"',
      'hivetap.yaml:10:3: spool.max_age: is a time such as 250ms, 10s, 5m, 12h or 7d, not 10',
      'hivetap.yaml:11:3: spool.policy: is one of drop_oldest, drop_newest, block, not "drop_newst"; did you mean drop_newest?',
      'hivetap.yaml:12:3: spool.maxAge: there is no such key; did you mean max_age?',
      'hivetap.yaml:15:5: sinks[0].topic: is missing',
      'hivetap.yaml:16:5: sinks[0].brokers: is a list, not "x"',
      'hivetap.yaml:17:12: sinks[0].tls.ca: there is no such key; did you mean ca_file?',
      'hivetap.yaml:18:5: sinks[1].type: is one of queue, out, not "quue"; did you mean queue?',
      'hivetap.yaml:19:5: sinks[2].type: is missing: it is one of queue, out',
      'hivetap.yaml:21:3: log.level: is one of debug, info, warn, error, not 3',
    ])
  })

  it.each([
    [
      'names',
      'sinks: [{type: out}, {type: out}]\ntools: [execsnoop]',
      [
        'hivetap.yaml:1:22: sinks[1].name: sinks[0] is called out too: a name is a sink’s own; without one it is its type',
      ],
    ],
    [
      'a name',
      'sinks: [{type: out, name: ../x}]\ntools: [execsnoop]',
      [
        'hivetap.yaml:1:21: sinks[0].name: is at most 63 letters, digits, dots, hyphens and underscores, a letter or digit first',
      ],
    ],
    [
      'a tool twice',
      'sinks: [{type: out}]\ntools: [execsnoop, {name: execsnoop}]',
      ['hivetap.yaml:2:20: tools[1]: execsnoop stands there already, as tools[0]'],
    ],
    [
      'counting',
      'sinks: [{type: out}]\ntools: [{name: tcpconnect, options: {count: true}}]',
      [expect.stringContaining('tools[0].options.count: tcpconnect has no such option')],
    ],
    [
      'a segment',
      `${LEAST}spool: {max_bytes: 1MiB}`,
      ['hivetap.yaml:3:1: spool.segment_bytes: is at most half of max_bytes: a spool has two files at least'],
    ],
    ['a key twice', `${LEAST}node: a\nnode: b`, ['hivetap.yaml:4:1: this key stands there twice']],
    ['a list open', 'tools: [x', [expect.stringMatching(/^hivetap\.yaml:1:\d+: is no YAML: /)]],
    ['a tab', 'spool:\n\tdir: x', [expect.stringMatching(/^hivetap\.yaml:2:1: is no YAML: Tabs/)]],
    [
      'two documents',
      `${LEAST}---\na: 1`,
      ['hivetap.yaml:3:1: a second document begins here: a configuration is one'],
    ],
    ['a tag', `${LEAST}node: !!js/function x`, ['hivetap.yaml:3:7: tags are not known']],
    ['a list', '- a', ['hivetap.yaml:1:1: is a map of keys, such as `tools:`']],
    [
      'an alias of nothing',
      'tools: *x',
      [expect.stringContaining('hivetap.yaml: cannot be read: Unresolved alias')],
    ],
    [
      'control characters',
      '"\\e[31m\\u202e": 1',
      expect.arrayContaining(['hivetap.yaml:1:1: ?[31m?: there is no such key']),
    ],
    ['a prototype', `${LEAST}__proto__: {node: x}`, ['hivetap.yaml:3:1: __proto__: there is no such key']],
    ['not UTF-8', Uint8Array.of(0xff), ['hivetap.yaml: cannot be read: it is not UTF-8']],
    [
      'too large',
      `#${'x'.repeat(1 << 17)}`,
      ['hivetap.yaml: cannot be read: a configuration has at most 131072 bytes'],
    ],
  ])('%s', async (_, text, problems) => {
    expect(await wrong(text as string)).toEqual(problems)
  })

  it('is not there, or no file', async () => {
    const reason = async (path: string) =>
      loadConfig({ file: path, kinds: SAMPLE_KINDS }).catch((error: unknown) => (error as Error).message)
    expect(await reason(join(directory, 'none'))).toBe(`${directory}/none: there is no such file`)
    expect(await reason(directory)).toBe(`${directory}: is a directory, not a file`)
  })

  it('that refers to itself is told to do so', async () => {
    expect(await wrong('tools: &a [*a]\nsinks: [{type: out}]')).toEqual([
      'hivetap.yaml:1:12: tools[0]: is a text or a map of keys, not a list',
    ])
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x]']
    for (let level = 1; level < 9; level++)
      bomb.push(
        `a${level}: &a${level} [${Array(8)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      )
    expect(await wrong(bomb.join('\n'))).toEqual([expect.stringContaining('Excessive alias count')])
  })

  it('that stands in itself too deep is refused', async () => {
    for (const text of ['['.repeat(4000), '{a: '.repeat(4000), '- '.repeat(4000)])
      expect((await wrong(text))[0]).toContain('too many lists or maps in each other')
  })

  it('never does anything but be refused or taken', async () => {
    const word = fc.constantFrom(
      'tools',
      'sinks',
      'spool',
      'type',
      'name',
      'out',
      'queue',
      ':',
      '-',
      '[',
      ']',
      '{',
      '}',
      ',',
      '\n',
      '  ',
      '&a',
      '*a',
      '!!x',
      '"',
      '|',
      '#',
      '1',
      'dir',
      '? ',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(word, fc.string({ maxLength: 3 }))), async (words) => {
        const error: unknown = await load(words.join(' ')).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        if (error !== undefined) expect(error).toBeInstanceOf(ConfigError)
      }),
      { numRuns: 300 },
    )
  })
})
