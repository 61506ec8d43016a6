import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openNames } from './open-names.js'

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'hivetap-names-'))
})
afterAll(() => rmSync(home, { recursive: true }))

it('must know the cluster where only some pods are wanted, else nothing would ever be told', async () => {
  const io = { signal: new AbortController().signal, note: () => {}, env: { HOME: home } }
  const config = { kubernetes: 'auto', node: 'n1', labels: [], only: { namespaces: ['shop'] } } as const
  await expect(openNames(config, io)).rejects.toThrow('No cluster is known')
})
