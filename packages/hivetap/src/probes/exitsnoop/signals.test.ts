import { constants } from 'node:os'
import { describe, expect, it } from 'vitest'
import { mayDumpCore, signalName, signalText } from './signals.js'

/** Other names of the same, as node has them. */
const ALIASES = ['SIGIOT', 'SIGPOLL', 'SIGUNUSED']

describe('signals', () => {
  it.runIf(process.platform === 'linux')('have the names that node has for them', () => {
    const signals = Object.entries(constants.signals).filter(([name]) => !ALIASES.includes(name))
    expect(signals).toHaveLength(31)
    for (const [name, number] of signals) expect(signalName(number)).toBe(name)
  })

  it('are texts that strsignal(3) gives', () => {
    expect([1, 9, 11, 15, 31].map(signalText)).toEqual([
      ...['Hangup', 'Killed', 'Segmentation fault', 'Terminated', 'Bad system call'],
    ])
  })

  it('are counted from the first that programs may use, those of real time', () => {
    expect([34, 35, 64].map(signalName)).toEqual(['SIGRTMIN', 'SIGRTMIN+1', 'SIGRTMIN+30'])
    expect([34, 64].map(signalText)).toEqual(['Real-time signal 0', 'Real-time signal 30'])
  })

  it('go by their numbers where they have no name', () => {
    expect([32, 33, 65].map(signalName)).toEqual(['SIG32', 'SIG33', 'SIG65'])
    expect([32, 33].map(signalText)).toEqual(['Unknown signal 32', 'Unknown signal 33'])
  })

  it('may leave a core, or not', () => {
    expect([3, 6, 11, 31].every(mayDumpCore)).toBe(true)
    expect([1, 9, 15, 34].some(mayDumpCore)).toBe(false)
  })
})
