import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { HIVETAP } from '../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { TOOLS } from '../probes/tools.js'

/** Runs `hivetap list`, behind a prefix of the command line. */
function list(prefix: readonly string[], ...args: readonly string[]) {
  const [command = '', ...rest] = [...prefix, process.execPath, HIVETAP, 'list', ...args]
  return spawnSync(command, rest, { encoding: 'utf8' })
}

describeKernel('hivetap list', () => {
  it('names every tool, and no reason where all run', () => {
    const { stdout, stderr, status } = list([])
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual(
      TOOLS.map(({ name, summary }) => [name, summary]),
    )
  })

  it('says who may not run them', () => {
    const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
    const { stdout, status } = list(nobody, '-o', 'json')
    expect(status).toBe(0)
    const tools = JSON.parse(stdout) as { cannot?: string }[]
    expect(tools).toHaveLength(TOOLS.length)
    for (const { cannot } of tools) expect(cannot).toMatch(/not permitted/)
  })
})
