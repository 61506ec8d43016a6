import { deflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { readZipped } from './zip-read.mjs'

const NAME = 'helm/helm'
const CONTENT = Buffer.from('a program, a program, a program')

/** A zip archive of one file, as its format is published: header, data, the list, and where that is. */
function zip(method: number, data: Buffer): Buffer {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(NAME.length, 26)
  header.writeUInt16LE(3, 28)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(method, 10)
  entry.writeUInt32LE(data.length, 20)
  entry.writeUInt32LE(CONTENT.length, 24)
  entry.writeUInt16LE(NAME.length, 28)
  const before = Buffer.concat([header, Buffer.from(NAME), Buffer.from('ext'), data])
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(before.length, 16)
  return Buffer.concat([before, entry, Buffer.from(NAME), end])
}

it.each([
  ['as it is', 0, CONTENT],
  ['deflated', 8, deflateRawSync(CONTENT)],
])('reads a file that is there %s', (_, method, data) => {
  expect(readZipped(zip(method, data), NAME)).toEqual(CONTENT)
})

it.each([
  ['there is not', zip(0, CONTENT), 'other', 'The zip archive has no other'],
  ['is packed otherwise', zip(12, CONTENT), NAME, 'packs by method 12'],
  ['is in no archive', CONTENT, NAME, 'This is no zip archive'],
])('refuses a file that %s', (_, archive, name, message) => {
  expect(() => readZipped(archive, name)).toThrow(message)
})
