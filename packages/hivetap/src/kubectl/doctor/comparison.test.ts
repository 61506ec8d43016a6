import { describe, expect, it } from 'vitest'
import type { Agent } from '../agents/agent.js'
import type { Answer } from '../agents/ask-agents.js'
import { compareNodes } from './compare.js'
import { comparisonText } from './comparison-text.js'

function answer(node: string, kernel: string, runs = true): Answer {
  const steps = [{ rung: 'tp_btf', works: false, reason: 'there is no BTF', mend: 'CONFIG_DEBUG_INFO_BTF=y' }]
  const tool = runs
    ? { tool: 'tcpconnlat', runs, rung: 'tp_btf', buffer: 'ringbuf' }
    : { tool: 'tcpconnlat', runs, steps }
  const json = { version: '0.1.0', host: [{ name: 'kernel', state: 'ok', found: kernel }], tools: [tool] }
  return { agent: { node } as Agent, json }
}

describe('nodes side by side', () => {
  it('stand in one column where they say the same, and what differs is marked', () => {
    const answers = [
      answer('a', 'Linux 6.1'),
      answer('b', 'Linux 6.1'),
      answer('c', 'Linux 6.1'),
      answer('d', 'Linux 6.1'),
      answer('e', 'Linux 4.19', false),
      { agent: { node: 'f' } as Agent, reason: 'it is gone' },
    ]
    expect(comparisonText(compareNodes(answers))).toBe(
      [
        '   WHAT        a, b, c and 1 more  e',
        '   hivetap     ok 0.1.0            ok 0.1.0',
        '≠  kernel      ok Linux 6.1        ok Linux 4.19',
        '≠  tcpconnlat  ok tp_btf, ringbuf  !  cannot run: there is no BTF',
        '',
        'tcpconnlat: mends it: CONFIG_DEBUG_INFO_BTF=y (e)',
        'f does not tell: it is gone',
        '',
        '5 nodes, 2 kinds; what differs is marked ≠.',
        '',
      ].join('\n'),
    )
  })

  it('that are all alike are said to be', () => {
    expect(comparisonText(compareNodes([answer('a', 'x'), answer('b', 'x')]))).toContain(
      '2 nodes, all the same.',
    )
  })

  it('takes whatever a node answers', () => {
    for (const json of [{}, { host: 7, tools: {} }, { host: [null, 'x', {}], tools: [{}] }])
      expect(comparisonText(compareNodes([{ agent: { node: '\u001b' } as Agent, json }]))).not.toContain(
        '\u001b',
      )
  })
})
