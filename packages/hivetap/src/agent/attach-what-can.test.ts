import { UnsupportedError } from '@hivetap/bpf'
import { expect, it } from 'vitest'
import { execsnoop } from '../probes/execsnoop/execsnoop.js'
import { exitsnoop } from '../probes/exitsnoop/exitsnoop.js'
import { NoRungError } from '../probes/open-tool.js'
import { tcpconnlat } from '../probes/tcpconnlat/tcpconnlat.js'
import type { ToolConfig } from './agent.js'
import { attachWhatCan } from './attach-what-can.js'

const [EXEC, EXIT, CONNECT] = [execsnoop, exitsnoop, tcpconnlat].map((tool) => ({ tool, options: {} })) as [
  ToolConfig,
  ToolConfig,
  ToolConfig,
]
const error = new UnsupportedError('this kernel has no such thing', { needs: 'kernel_btf' })

/** Attaches all but some, and notes what it was asked for. */
function attaching(...never: readonly ToolConfig[]) {
  const asked: string[][] = []
  const attach = (tools: readonly ToolConfig[]) => {
    asked.push(tools.map(({ tool }) => tool.name))
    const refused = tools.find(({ tool }) => never.some((each) => each.tool === tool))
    if (refused !== undefined)
      throw new NoRungError(refused.tool.name, [{ rung: 'tp_btf', buffer: 'ringbuf', error }])
    return 'attached'
  }
  return { asked, attach }
}

it('attaches all at once where all can be', () => {
  const { asked, attach } = attaching()
  expect(attachWhatCan([EXEC, CONNECT], attach)).toEqual({
    attached: 'attached',
    tools: [EXEC, CONNECT],
    refused: [],
  })
  expect(asked).toEqual([['execsnoop', 'tcpconnlat']])
})

it('leaves out what cannot be, and says why', () => {
  const { asked, attach } = attaching(EXEC, CONNECT)
  const { tools, refused } = attachWhatCan([EXEC, EXIT, CONNECT], attach)
  expect(tools).toEqual([EXIT])
  expect(refused.map(({ tool }) => tool)).toEqual([EXEC, CONNECT])
  expect(refused[0]?.error.message).toBe('this kernel has no such thing')
  expect(asked.at(-1)).toEqual(['exitsnoop'])
})

it('fails of the first where none can be', () => {
  const { attach } = attaching(EXEC, CONNECT)
  expect(() => attachWhatCan([EXEC, CONNECT], attach)).toThrow(expect.objectContaining({ tool: 'execsnoop' }))
})

it('fails of one that is required', () => {
  const { attach } = attaching(CONNECT)
  expect(() => attachWhatCan([EXEC, { ...CONNECT, required: true }], attach)).toThrow(NoRungError)
})

it('fails of what is of no tool', () => {
  const failure = new Error('no buffer')
  const attach = () => {
    throw failure
  }
  expect(() => attachWhatCan([EXEC], attach)).toThrow(failure)
})
