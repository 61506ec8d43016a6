import { expect, it } from 'vitest'
import { DESTINATION_KINDS } from '../destination-kinds.js'
import { agentSchema } from './schema.js'

const SINK = { type: 'stdout' }
const read = (more: object) =>
  agentSchema(DESTINATION_KINDS).safeParse({ tools: ['tcpconnlat', 'execsnoop'], sinks: [SINK], ...more })
const problems = (more: object) =>
  read(more).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

it('is off unless it is asked for, and has what was left out', () => {
  expect(read({}).data?.summaries).toBeUndefined()
  expect(read({ summaries: { tools: ['tcpconnlat'] } }).data?.summaries).toEqual({
    tools: ['tcpconnlat'],
    every: 10_000,
    delay: 1000,
    keep_over: 1000,
    keep_failed: true,
    max_keys: 10_000,
    examples: 3,
  })
})

it.each([
  [
    'a tool that tells of no connects',
    { summaries: { tools: ['execsnoop'] } },
    'summaries.tools.0: cannot sum up',
  ],
  ['a tool that does not run', { summaries: { tools: ['tcpconnect'] } }, 'add it to tools'],
  ['no tool', { summaries: { tools: [] } }, 'names no tool'],
  ['pins', { summaries: { tools: ['tcpconnlat'] }, pin: { enabled: true } }, 'does not go with pin.enabled'],
  [
    'windows of detection that are no multiples of its own',
    {
      summaries: { tools: ['tcpconnlat'], every: '7s' },
      sinks: [{ type: 'detect', rules: [{ kind: 'over', over: '1s', window: '10s' }] }],
    },
    'must be whole multiples',
  ],
  ['a key that there is not', { summaries: { tools: ['tcpconnlat'], evry: '10s' } }, 'evry'],
])('refuses %s', (_, more, said) => {
  expect(problems(more)?.join('\n')).toContain(said)
})
