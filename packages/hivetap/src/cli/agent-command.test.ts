import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { SAMPLE_KINDS } from '../../../../test/support/destination-kinds.js'
import { AGENT_KEYS } from '../agent/config/keys.generated.js'
import { agentKeys } from '../agent/config/keys-of-schema.js'
import { DESTINATION_KINDS } from '../agent/destination-kinds.js'
import { agentCommand } from './agent-command.js'
import { agentFlags, givenFlags } from './agent-options.js'

const GROUPS = agentKeys(SAMPLE_KINDS)

/** What flags say, by path. */
function said(...args: readonly string[]): Record<string, unknown> {
  const flags = agentFlags(GROUPS)
  const command = new Command().exitOverride()
  for (const { option } of flags) command.addOption(option)
  command.parse(args, { from: 'user' })
  const given = givenFlags(flags, command.opts())
  return Object.fromEntries(given.map(({ key, sink, given: text }) => [[sink, ...key.path].join('/'), text]))
}

describe('the flags of the agent', () => {
  it('are a table that agrees with the schema', () => {
    // `npm run generate` writes it.
    expect(AGENT_KEYS).toEqual(agentKeys(DESTINATION_KINDS))
  })

  it('say a key each', () => {
    expect(
      said(
        '--tool',
        'a',
        '--tool=b,c',
        '--spool-dir',
        '/x',
        '--pin',
        '--queue-brokers',
        'h:1',
        '--queue-tls-enabled=false',
      ),
    ).toEqual({
      '/tools': ['a', 'b,c'],
      '/spool/dir': '/x',
      '/pin/enabled': true,
      'queue/brokers': ['h:1'],
      'queue/tls/enabled': 'false',
    })
    expect(said('--node', 'a', '--node', 'b')).toEqual({ '/node': 'b' })
  })

  it('are none for what a flag cannot say, nor two for one', () => {
    const flags = agentFlags(GROUPS).map(({ option }) => option.attributeName())
    expect(new Set(flags).size).toBe(flags.length)
    expect(flags).not.toContain('queueHeaders')
    expect(flags).not.toContain('queueName')
    expect(flags).not.toContain('sinks')
  })

  it('are all described', () => {
    const undescribed = [...GROUPS, ...AGENT_KEYS].flatMap(({ keys }) =>
      keys.filter(({ help }) => help === ''),
    )
    expect(undescribed).toEqual([])
  })
})

describe('the help', () => {
  const help = agentCommand({ kinds: SAMPLE_KINDS, groups: GROUPS }).helpInformation()

  it('has each flag once, the sinks’ last, under a heading each', () => {
    for (const { keys } of GROUPS)
      for (const { flag } of keys)
        if (flag !== undefined) expect(help.split(`  ${flag} `).length, flag).toBe(2)
    expect(help.match(/^\S.*:$/gm)?.at(-1)).toBe('Sink queue:')
    expect(help).toMatch(/--sink <TYPE> .*\n?.*\n?.*"queue",\s+"out"/)
  })

  it('fits a terminal of 80 columns', () => {
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([])
  })
})
