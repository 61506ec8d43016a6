import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readObject } from '../../packages/bpf/src/index.js'
import { ROOT } from '../../scripts/root.mjs'

// Events got three more fields, and the benchmark's peer in C did not: nobody saw it until the benchmark was run again.
it('the peer in C reads events as they are', () => {
  const { btf } = readObject(readFileSync(join(ROOT, 'bench/ring-buffer/flood.bpf.o')))
  const found = btf?.find('struct', 'connect_event')?.type
  const source = readFileSync(join(ROOT, 'bench/ring-buffer/consumer.c'), 'utf8')
  const [, body = ''] = /struct connect_event \{(.*?)\}/s.exec(source) ?? []
  const fields = [...body.matchAll(/\w+\s+([^;]+);/g)].flatMap(([, names = '']) => names.split(/,\s*/))
  expect(fields.map((field) => field.replace(/\[\d+\]/, ''))).toEqual(found?.members.map(({ name }) => name))
})
