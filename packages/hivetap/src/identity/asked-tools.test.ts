import { ClosedError } from '@hivetap/bpf'
import { describe, expect, it } from 'vitest'
import { AskedTools } from './asked-tools.js'

type Tool = () => string | undefined
const ask = (tools: AskedTools<Tool>) => tools.ask((tool) => tool())

describe('tools that are asked', () => {
  it('answer by the first that knows', () => {
    const tools = new AskedTools<Tool>()
    expect(ask(tools)).toBeUndefined()
    for (const answer of [undefined, 'second', 'third']) tools.add(() => answer)
    expect(ask(tools)).toBe('second')
  })

  it('are asked no more once they are closed, and the others are', () => {
    const tools = new AskedTools<Tool>()
    let asked = 0
    tools.add(() => {
      asked++
      throw new ClosedError('The map is closed')
    })
    tools.add(() => 'open')
    expect([ask(tools), ask(tools)]).toEqual(['open', 'open'])
    expect(asked).toBe(1)
  })

  it('say what is wrong with them', () => {
    const tools = new AskedTools<Tool>()
    tools.add(() => {
      throw new Error('out of order')
    })
    expect(() => ask(tools)).toThrow('out of order')
  })

  it('are no more than 64: the oldest goes', () => {
    const tools = new AskedTools<Tool>()
    let asked = 0
    for (let index = 0; index < 70; index++)
      tools.add(() => {
        asked++
        return undefined
      })
    ask(tools)
    expect(asked).toBe(64)
  })
})
