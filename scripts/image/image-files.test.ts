import { expect, it } from 'vitest'
import { hivetapFiles, moduleFiles, PLATFORMS, systemFiles } from './image-files.mjs'

const entry = (path: string, more: object = {}) => ({
  path,
  kind: 'file' as const,
  mode: 0o664,
  target: '',
  content: Buffer.from('x'),
  ...more,
})

const [amd64] = PLATFORMS

it('takes of a package what runs, and every licence', () => {
  const files = moduleFiles('node_modules/koffi', [
    entry('index.js'),
    entry('index.d.ts'),
    entry('README.md'),
    entry('LICENSE.md'),
    entry('doc/start.html'),
    entry('src/koffi/index.js'),
    entry('src/koffi/src/abi.cc'),
    entry('vendor/headers/LICENSE'),
    entry('musl_x64/koffi.node'),
    entry('linux_x64/koffi.node', { mode: 0o775 }),
  ])
  expect(
    files.map(({ path, mode }) => `${path.replace('usr/lib/node_modules/koffi/', '')} ${mode.toString(8)}`),
  ).toEqual([
    'index.js 644',
    'LICENSE.md 644',
    'src/koffi/index.js 644',
    'vendor/headers/LICENSE 644',
    'linux_x64/koffi.node 755',
  ])
})

it.each(['lib', 'usr/lib'])('lays the C library where both systems’ packages mean it: %s', (lib) => {
  if (amd64 === undefined) throw new Error('No platform')
  const files = systemFiles(
    [
      [
        entry(`${lib}/x86_64-linux-gnu/libc.so.6`),
        entry(`${lib}/x86_64-linux-gnu/ld-linux-x86-64.so.2`),
        entry(`${lib}/x86_64-linux-gnu/libnss_hesiod.so.2`),
        entry('usr/share/doc/libc6/copyright'),
        entry('usr/bin/ldd'),
      ],
    ],
    amd64,
  )
  expect(files.filter(({ kind }) => kind === 'file').map(({ path }) => path)).toEqual([
    'usr/lib/x86_64-linux-gnu/libc.so.6',
    'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
    'usr/share/doc/libc6/copyright',
    'etc/passwd',
    'etc/group',
    'etc/nsswitch.conf',
  ])
  expect(files.find(({ path }) => path === 'usr/lib64/ld-linux-x86-64.so.2')).toMatchObject({
    target: '../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
  })
})

it('refuses packages without what loads programs', () => {
  if (amd64 === undefined) throw new Error('No platform')
  expect(() => systemFiles([[entry('lib/x86_64-linux-gnu/libc.so.6')]], amd64)).toThrow(
    'ld-linux-x86-64.so.2',
  )
})

it('has the command name its interpreter by its path, which takes no env', () => {
  const files = hivetapFiles([
    entry('bin/hivetap.js', { content: Buffer.from('#!/usr/bin/env node\nrun()\n') }),
    entry('LICENSE'),
  ])
  const command = files.find(({ path }) => path.endsWith('hivetap/bin/hivetap.js'))
  expect(command?.content?.toString()).toBe('#!/usr/bin/node\nrun()\n')
  expect(command?.mode).toBe(0o755)
})
