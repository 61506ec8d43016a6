import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { hasCommand } from '../../../../../test/support/commands.js'
import { DESTINATION_KINDS } from '../destination-kinds.js'
import { describeConfig } from './describe-config.js'
import { loadConfig } from './load-config.js'
import { publishedSchema } from './published-schema.js'

const here = (path: string) => fileURLToPath(new URL(`../../../../../${path}`, import.meta.url))
const EXAMPLE = here('examples/hivetap.yaml')

describe.skipIf(DESTINATION_KINDS.length === 0)('examples/hivetap.yaml', () => {
  it('is a configuration', async () => {
    const text = describeConfig(await loadConfig({ file: EXAMPLE, env: {} }))
    expect(text).toContain('tool      tcpconnlat, minLatencyUs 10000, failed true\n')
    expect(text).toContain('sink      kafka\n')
    expect(text).toMatch(/The configuration is valid\.\n$/)
  })

  it('is one by the published schema too, which its first line names', () => {
    const isValid = new Ajv2020({ strict: false }).compile(publishedSchema())
    expect(isValid(parse(readFileSync(EXAMPLE, 'utf8'))), JSON.stringify(isValid.errors)).toBe(true)
    expect(readFileSync(EXAMPLE, 'utf8')).toMatch(/^# yaml-language-server: \$schema=/)
  })
})

describe('docs/agent.schema.json', () => {
  it('is as the schema says now', () => {
    // `npm run generate` writes it.
    expect(JSON.parse(readFileSync(here('docs/agent.schema.json'), 'utf8'))).toEqual(publishedSchema())
  })
})

describe.skipIf(!hasCommand('systemd-analyze'))('deploy/systemd/hivetap.service', () => {
  it('asks for little', () => {
    const unit = here('deploy/systemd/hivetap.service')
    const said = execFileSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', unit], {
      encoding: 'utf8',
    })
    // 0 is nothing, 10 everything; most services of a distribution are beyond 9.
    expect(Number(/exposure level for \S+: (\d+\.\d+)/.exec(said)?.[1])).toBeLessThan(3)
  })
})
