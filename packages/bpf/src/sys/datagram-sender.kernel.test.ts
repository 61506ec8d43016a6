import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasCommand } from '../../../../test/support/commands.js'
import { DatagramReceiver } from '../../../../test/support/datagram-receiver.js'
import { DatagramSender } from './datagram-sender.js'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hivetap-datagram-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

describe.skipIf(!hasCommand('python3'))('datagrams to a Unix socket', () => {
  it.each(['by path', 'abstract'])('arrive whole: %s', async (kind) => {
    const name = kind === 'abstract' ? `@hivetap-test-${process.pid}` : join(directory, 's')
    const receiver = await DatagramReceiver.bind(name)
    const sender = new DatagramSender(name)
    try {
      expect(sender.send('READY=1')).toBe(true)
      expect(sender.send('STATUS=läuft\nWATCHDOG=1')).toBe(true)
      await receiver.until((all) => all.length === 2)
      expect(receiver.received).toEqual(['READY=1', 'STATUS=läuft\nWATCHDOG=1'])
    } finally {
      sender.close()
      await receiver.close()
    }
  })

  it('do not wait for a receiver that does not read', async () => {
    const name = join(directory, 'full')
    const receiver = await DatagramReceiver.bind(name, { reads: false })
    const sender = new DatagramSender(name)
    try {
      const sent = Array.from({ length: 2000 }, () => sender.send('x'.repeat(1000)))
      expect(sent[0]).toBe(true)
      expect(sent.at(-1)).toBe(false)
    } finally {
      sender.close()
      await receiver.close()
    }
  })
})

describe('a Unix socket', () => {
  it('that is not there cannot be reached', () => {
    const sender = new DatagramSender(join(directory, 'none'))
    expect(() => sender.send('x')).toThrow('Cannot reach the socket')
    sender.close()
    sender.close()
    expect(() => sender.send('x')).toThrow('closed')
  })

  it.each(['relative', '', `/${'x'.repeat(108)}`, '/a\0b', `@${'x'.repeat(108)}`])(
    'has no name %j',
    (name) => {
      expect(() => new DatagramSender(name)).toThrow(RangeError)
    },
  )
})
