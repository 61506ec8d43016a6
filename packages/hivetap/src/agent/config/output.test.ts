import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from './load-config.js'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-output-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

async function sinksOf(text: string) {
  const file = join(directory, 'hivetap.yaml')
  writeFileSync(file, text)
  const { sinks } = await loadConfig({ file, env: {} })
  return sinks.map(({ type, settings }) => `${type} ${String(settings['format'])}`)
}

describe('output', () => {
  it('is short for a sink on standard output', async () => {
    expect(await sinksOf('tools: [tcpconnlat]\noutput: table\n')).toEqual(['stdout table'])
    expect(await sinksOf('tools: [tcpconnlat]\noutput: json\nsinks: [{type: file, path: /x}]\n')).toEqual([
      'file undefined',
      'stdout json',
    ])
  })

  it('is one of two', async () => {
    await expect(sinksOf('tools: [tcpconnlat]\noutput: tabel\n')).rejects.toThrow(
      /output: is one of table, json, not "tabel"; did you mean table\?/,
    )
  })

  it('does not stand beside another sink of that name', async () => {
    await expect(sinksOf('tools: [tcpconnlat]\noutput: table\nsinks: [{type: stdout}]\n')).rejects.toThrow(
      /called stdout too/,
    )
  })
})
