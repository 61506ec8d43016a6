import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { Client } from '../../../../test/support/client.js'
import { Hivetap } from '../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { kernelObjects } from '../../../../test/support/programs-in-kernel.js'
import type { DoctorReport } from './doctor-report.js'

/** What doctor found, and its exit status. */
async function examined(
  prefix: readonly string[] = [],
): Promise<{ code: number | null; report: DoctorReport }> {
  const run = new Hivetap(['doctor', '-o', 'json'], { prefix })
  const { code } = await run.ended()
  expect(run.stderr).toBe('')
  return { code, report: JSON.parse(run.stdout) as DoctorReport }
}

describeKernel('hivetap doctor', () => {
  it('names the kernel as uname(1) does', async () => {
    const { report } = await examined()
    const release = execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim()
    expect(report.host.find((fact) => fact.name === 'kernel')?.found).toContain(`Linux ${release}, `)
  })

  it('tells of the host what its own tools tell', async () => {
    const { report } = await examined()
    const found = (name: string) => report.host.find((fact) => fact.name === name)?.found ?? ''
    const shell = (command: string) => execFileSync('sh', ['-c', command], { encoding: 'utf8' }).trim()
    const paranoid = shell('cat /proc/sys/kernel/perf_event_paranoid')
    expect(found('perf events')).toBe(`kernel.perf_event_paranoid is ${paranoid}`)
    const limit = shell('ulimit -l')
    expect(found('locked memory').split(';')[0]).toBe(limit === 'unlimited' ? limit : `${limit} KiB`)
    const types = shell("awk '$3 ~ /^cgroup2?$/ { print $3 }' /proc/self/mounts | sort -u | tr '\\n' ' '")
    const layouts: Readonly<Record<string, string>> = {
      cgroup: 'version 1',
      cgroup2: 'version 2',
      'cgroup cgroup2': 'version 1, with version 2 beside it (hybrid)',
      '': 'not mounted',
    }
    expect(found('cgroups')).toBe(layouts[types])
  })

  it('tells the step that tcpconnlat then takes, and exits with 0', async () => {
    const { code, report } = await examined()
    const [tool] = report.tools
    expect({ code, runs: tool?.runs }).toEqual({ code: 0, runs: true })
    const client = new Client()
    const { pid } = await client.who()
    const run = await new Hivetap(['tcpconnlat', '-v', '-p', String(pid)]).attached()
    await run.end()
    client.stop()
    expect(run.stderr).toContain(
      `attached by ${tool?.rung}, events through a ${tool?.buffer === 'ringbuf' ? 'ring buffer' : 'perf buffer a CPU'}\n`,
    )
  })

  it('leaves nothing of what it tried in the kernel', async () => {
    const before = kernelObjects()
    await examined()
    const left = () => {
      const after = kernelObjects()
      return (['programs', 'maps', 'links'] as const).flatMap((kind) =>
        after[kind].filter((id) => !before[kind].includes(id)).map((id) => `${kind} ${id}`),
      )
    }
    await expect.poll(left, { timeout: 5000 }).toEqual([])
  })
})

describe.skipIf(process.getuid?.() !== 0)('hivetap doctor without rights', () => {
  it('says of every step what is lacking and what mends it, and exits with 1', async () => {
    const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
    const { code, report } = await examined(nobody)
    expect(code).toBe(1)
    expect(report.host.find((fact) => fact.name === 'rights')).toEqual({
      name: 'rights',
      state: 'lacking',
      found: 'uid 65534, no capability that matters here',
      mend: 'sudo hivetap …',
    })
    for (const tool of report.tools) {
      expect(tool.runs).toBe(false)
      for (const step of tool.steps) expect(step.mend, `${step.rung} ${step.buffer}`).toMatch(/\S/)
    }
  })
})
