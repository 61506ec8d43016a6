import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runBuilt } from '../../../../test/support/built.js'
import { withCapabilities } from '../../../../test/support/capabilities.js'
import { hasCommand } from '../../../../test/support/commands.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { CAPABILITIES, effectiveCapabilities } from './capabilities.js'

describeKernel('effectiveCapabilities', () => {
  it('are those in effect, not those that could be', () => {
    expect(withCapabilities(['CAP_BPF', 'CAP_PERFMON'], effectiveCapabilities)).toEqual(
      new Set(['CAP_BPF', 'CAP_PERFMON']),
    )
    expect(withCapabilities([], effectiveCapabilities)).toEqual(new Set())
  })

  it.skipIf(!hasCommand('capsh'))('are named as capsh(1) names them', () => {
    const status = readFileSync('/proc/self/status', 'utf8')
    const hex = /^CapEff:\s*(\w+)$/m.exec(status)?.[1] ?? ''
    const decoded = execFileSync('capsh', [`--decode=${hex}`], { encoding: 'utf8' })
    const named = new Set(decoded.trim().replace(/^.*=/, '').toUpperCase().split(','))
    const expected = CAPABILITIES.filter((name) => named.has(name))
    expect([...(effectiveCapabilities() ?? [])]).toEqual(expected)
    expect(expected.length).toBeGreaterThan(0)
  })

  it.skipIf(!hasCommand('setpriv'))('are what setpriv(1) left to a process', () => {
    const only = ['-all,+cap_21,+cap_39', '-all,+cap_12', '-all'].map((set) =>
      runBuilt<string[]>(
        `const { effectiveCapabilities } = await import(dist + 'sys/capabilities.js')
         answer([...effectiveCapabilities()])`,
        { prefix: ['setpriv', '--bounding-set', set, '--inh-caps', '-all'] },
      ),
    )
    expect(only).toEqual([[['CAP_SYS_ADMIN', 'CAP_BPF']], [['CAP_NET_ADMIN']], [[]]])
  })
})
