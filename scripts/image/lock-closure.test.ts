import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { closure } from './lock-closure.mjs'

const locked = (more: object = {}) => ({ version: '1.0.0', integrity: 'sha512-x', ...more })

it('takes the package that is nearest, as Node does, and lays it where it finds it', () => {
  const packages = {
    'packages/tool': { version: '0.1.0' },
    'packages/tool/node_modules/a': locked({ version: '1.0.0' }),
    'node_modules/a': locked({ version: '2.0.0' }),
    'node_modules/b': locked({ dependencies: { a: '2' } }),
  }
  expect(
    closure(packages, 'packages/tool', ['a', 'b'], 'x64').map(({ folder, version }) => [folder, version]),
  ).toEqual([
    ['node_modules/a', '2.0.0'],
    ['node_modules/b', '1.0.0'],
    ['node_modules/tool/node_modules/a', '1.0.0'],
  ])
})

it('leaves out what is optional and for other systems, and follows circles once', () => {
  const packages = {
    'node_modules/a': locked({
      dependencies: { b: '1' },
      optionalDependencies: { arm: '1', musl: '1', mac: '1', x64: '1', gone: '1' },
    }),
    'node_modules/b': locked({ dependencies: { a: '1' } }),
    'node_modules/arm': locked({ os: ['linux'], cpu: ['arm64'] }),
    'node_modules/musl': locked({ cpu: ['x64'], libc: ['musl'] }),
    'node_modules/mac': locked({ os: ['darwin'] }),
    'node_modules/x64': locked({ os: ['linux'], cpu: ['x64'], libc: ['glibc'] }),
  }
  expect(closure(packages, '', ['a'], 'x64').map(({ name }) => name)).toEqual(['a', 'b', 'x64'])
})

it.each([
  ['is not there', {}, 'package-lock.json has no a'],
  ['runs elsewhere', { 'node_modules/a': locked({ cpu: ['ia32'] }) }, 'a 1.0.0 does not run on linux/x64'],
  ['is not said to be one thing', { 'node_modules/a': { version: '1.0.0' } }, 'no integrity'],
])('refuses what is needed and %s', (_, packages, message) => {
  expect(() => closure(packages, '', ['a'], 'x64')).toThrow(message)
})

it.each(['x64', 'arm64'])('finds in our own lock the native parts for %s, each for one C library', (cpu) => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  const names = closure(
    packages,
    'packages/hivetap',
    ['koffi', '@node-rs/crc32', '@duckdb/node-api'],
    cpu,
  ).map(({ name }) => name)
  expect(names.filter((name) => /x64|arm64|ia32|riscv|musl/.test(name)).toSorted()).toEqual([
    `@duckdb/node-bindings-linux-${cpu}`,
    `@koromix/koffi-linux-${cpu}`,
    `@node-rs/crc32-linux-${cpu}-gnu`,
  ])
})
