import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runBuilt } from '../../../../test/support/built.js'
import { hasCapability, withCapabilities } from '../../../../test/support/capabilities.js'
import { hasCommand } from '../../../../test/support/commands.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { memlockLimit, withMemlock } from './memlock.js'

/** Soft and hard limit as /proc tells them: bytes, or `unlimited`. */
function limits(): string[] {
  const line = /^Max locked memory +(\w+) +(\w+) /m.exec(readFileSync('/proc/self/limits', 'utf8'))
  return [line?.[1] ?? '', line?.[2] ?? '']
}

const textOf = (bytes: bigint | undefined) => String(bytes ?? 'unlimited')

/** What a process with such a limit finds, and what becomes of the limit when it is raised. */
function raised(limit: string, rights: readonly string[]): unknown[] {
  return runBuilt(
    `const { memlockLimit, raiseMemlock } = await import(dist + 'sys/memlock.js')
     const { readFileSync } = await import('node:fs')
     const text = ({ soft, hard }) => [soft, hard].map((bytes) => String(bytes ?? 'unlimited'))
     const told = text(memlockLimit())
     const higher = raiseMemlock()
     const [, soft, hard] = /^Max locked memory +(\\w+) +(\\w+) /m.exec(readFileSync('/proc/self/limits', 'utf8'))
     answer({ told, higher, soft, hard })`,
    { prefix: ['prlimit', `--memlock=${limit}`, ...rights] },
  )
}

const WITHOUT_RIGHT = ['setpriv', '--bounding-set', '-sys_resource']

describeKernel('the limit on locked memory', () => {
  it('is what /proc/self/limits says', () => {
    const { soft, hard } = memlockLimit()
    expect([textOf(soft), textOf(hard)]).toEqual(limits())
  })

  it('is another while something runs, and the old one again afterwards', () => {
    const before = limits()
    expect(withMemlock(8192n, limits)?.[0]).toBe('8192')
    expect(limits()).toEqual(before)
    expect(() =>
      withMemlock(4096n, () => {
        throw new Error('in between')
      }),
    ).toThrow('in between')
    expect(limits()).toEqual(before)
  })

  it('that may not be had is not run under', () => {
    const run = () =>
      withCapabilities([], () => {
        const { hard } = memlockLimit()
        return hard === undefined ? undefined : withMemlock(hard + 1n, () => 'ran')
      })
    expect(run()).toBeUndefined()
  })
})

describeKernelIf(hasCommand('prlimit') && hasCommand('setpriv'))('raiseMemlock', () => {
  it.skipIf(!hasCapability('CAP_SYS_RESOURCE'))('raises the limit to unlimited with the right to', () => {
    expect(raised('65536:131072', [])).toEqual([
      { told: ['65536', '131072'], higher: true, soft: 'unlimited', hard: 'unlimited' },
    ])
  })

  it('raises it to the hard limit without', () => {
    expect(raised('65536:131072', WITHOUT_RIGHT)).toEqual([
      { told: ['65536', '131072'], higher: true, soft: '131072', hard: '131072' },
    ])
  })

  it.skipIf(!hasCapability('CAP_SYS_RESOURCE'))('has nothing to raise where there is no limit', () => {
    expect(raised('unlimited', [])).toEqual([
      { told: ['unlimited', 'unlimited'], higher: false, soft: 'unlimited', hard: 'unlimited' },
    ])
  })

  it('says when it is no higher than before', () => {
    expect(raised('65536:65536', WITHOUT_RIGHT)).toEqual([
      { told: ['65536', '65536'], higher: false, soft: '65536', hard: '65536' },
    ])
  })
})
