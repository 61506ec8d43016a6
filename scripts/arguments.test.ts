import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { headOf } from './arguments.mjs'
import { ROOT } from './root.mjs'

const SCRIPTS = [
  'scripts/simulate-fleet.mjs',
  'scripts/detection/run.mjs',
  'scripts/image/image.mjs',
  'test/kernels/run.mjs',
  'soak/run.mjs',
  'bench/run.mjs',
  'analysis/flink/run.mjs',
]

it('takes the stars off the comment at the head', () => {
  expect(
    headOf('// @ts-check\n/**\n * What it is for.\n *\n *   --option   what it does\n */\nimport x'),
  ).toBe('What it is for.\n\n  --option   what it does')
  expect(headOf('/** In one line. */\n/** Another. */')).toBe('In one line.')
  expect(headOf('nothing')).toBe('')
})

describe.each(SCRIPTS)('%s', (script) => {
  function run(...args: string[]) {
    return spawnSync(process.execPath, [join(ROOT, script), ...args], { encoding: 'utf8' })
  }

  it('says with --help what options there are, and does nothing', () => {
    const { status, stdout, stderr } = run('--help')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/--\w/)
  })

  it('refuses an option that it does not know, in two lines', () => {
    const { status, stdout, stderr } = run('--no-such-option')
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain('--no-such-option')
    expect(stderr).toContain('--help')
    expect(stderr).not.toContain('at checkOptionUsage')
  })
})
