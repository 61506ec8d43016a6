import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

const SOURCE = new URL('../../', import.meta.url)
const FILES = ['sinks/duckdb/load-duckdb', 'delivery/destination']
const PROGRAM = `import('./sinks/duckdb/load-duckdb.js').then(({ loadDuckdb }) => loadDuckdb()).catch((error) => {
  console.log(JSON.stringify({ kind: error.kind, passing: error.passing, message: error.message }))
})`

it('says what to do where the package is not installed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hivetap-no-duckdb-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    for (const file of FILES) {
      const source = readFileSync(new URL(`${file}.ts`, SOURCE), 'utf8')
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      })
      mkdirSync(join(folder, dirname(file)), { recursive: true })
      writeFileSync(join(folder, `${file}.js`), outputText)
    }
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', PROGRAM], { cwd: folder, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      kind: 'duckdb_missing',
      passing: false,
      message: expect.stringContaining('npm install @duckdb/node-api'),
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
