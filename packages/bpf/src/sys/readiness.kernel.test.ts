import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { BuiltProcess, runBuilt } from '../../../../test/support/built.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { openFiles } from '../../../../test/support/open-files.js'
import { openPipe, statusFlags } from '../../../../test/support/pipe.js'
import { ClosedError } from '../errors.js'
import { Readiness } from './readiness.js'
import { isWritable } from './writable.js'

const opened: number[] = []

afterEach(() => {
  for (const fd of opened.splice(0)) closeSync(fd)
})

function pipe(): { reader: number; writer: number } {
  const ends = openPipe()
  opened.push(ends.reader, ends.writer)
  return ends
}

/** What became of a promise by now, the event loop having turned a few times. */
async function stateOf(promise: Promise<void>): Promise<'resolved' | 'rejected' | 'pending'> {
  let state: 'resolved' | 'rejected' | 'pending' = 'pending'
  promise.then(
    () => {
      state = 'resolved'
    },
    () => {
      state = 'rejected'
    },
  )
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  return state
}

describeKernel('a wait for a level', () => {
  it('ends when there is something to read, and not before', async () => {
    const { reader, writer } = pipe()
    using readiness = new Readiness([reader])
    const waiting = readiness.wait()
    expect(await stateOf(waiting)).toBe('pending')
    writeSync(writer, 'x')
    await waiting
  })

  it('ends at once as long as there is, and waits again when it was read', async () => {
    const { reader, writer } = pipe()
    writeSync(writer, 'x')
    using readiness = new Readiness([reader])
    await readiness.wait()
    await readiness.wait()
    readSync(reader, Buffer.alloc(1))
    const waiting = readiness.wait()
    expect(await stateOf(waiting)).toBe('pending')
    writeSync(writer, 'x')
    await waiting
  })

  it('serves many descriptors', async () => {
    const pipes = Array.from({ length: 8 }, pipe)
    using readiness = new Readiness(pipes.map(({ reader }) => reader))
    for (const { reader, writer } of pipes) {
      const waiting = readiness.wait()
      expect(await stateOf(waiting)).toBe('pending')
      writeSync(writer, 'x')
      await waiting
      readSync(reader, Buffer.alloc(1))
    }
  })

  it('is for room to write, too', async () => {
    const { reader, writer } = pipe()
    using readiness = new Readiness([writer], { direction: 'writable' })
    await readiness.wait()
    while (isWritable(writer)) writeSync(writer, Buffer.alloc(4096))
    const waiting = readiness.wait()
    expect(await stateOf(waiting)).toBe('pending')
    readSync(reader, Buffer.alloc(4096))
    await waiting
  })

  it('ends when the other end is gone', async () => {
    const { reader, writer } = openPipe()
    using readiness = new Readiness([reader])
    const waiting = readiness.wait()
    closeSync(writer)
    await waiting
    closeSync(reader)
  })

  it('ends for all who wait at the same time', async () => {
    // The second to wait took the place of the first, who was never told.
    const { reader, writer } = pipe()
    using readiness = new Readiness([reader])
    const waiting = [readiness.wait(), readiness.wait(), readiness.wait()]
    writeSync(writer, 'x')
    await Promise.all(waiting)
  })

  it('ends by cancel, and the next one waits anew', async () => {
    const { reader, writer } = pipe()
    using readiness = new Readiness([reader])
    const waiting = readiness.wait()
    readiness.cancel()
    await waiting
    const next = readiness.wait()
    expect(await stateOf(next)).toBe('pending')
    writeSync(writer, 'x')
    await next
  })

  it('ends by close, and there is none afterwards', async () => {
    const { reader } = pipe()
    const readiness = new Readiness([reader])
    const waiting = readiness.wait()
    readiness.close()
    await waiting
    await expect(readiness.wait()).rejects.toThrow(new ClosedError('Cannot wait: it is closed'))
    readiness.close()
    readiness.cancel()
  })

  it('may be cancelled, closed and begun in the turn in which it is told', async () => {
    const { reader, writer } = pipe()
    for (let round = 0; round < 50; round++) {
      const readiness = new Readiness([reader])
      const waiting = readiness.wait()
      writeSync(writer, 'x')
      // Somewhere around here the loop tells it.
      for (let turn = 0; turn < round % 4; turn++) await new Promise(setImmediate)
      if (round % 3 === 0) readiness.cancel()
      await waiting
      const again = readiness.wait()
      if (round % 2 === 0) readiness.close()
      await again
      readiness.close()
      readSync(reader, Buffer.alloc(1))
    }
    expect([...openFiles().values()].filter((what) => what.includes('eventpoll')).length).toBeLessThan(10)
  })

  it('misses nothing that another process writes whenever it likes', async () => {
    const total = 20_000
    // Bursts and pauses of every length around what a turn of the loop takes, from a fixed seed.
    const ends = pipe()
    const writer = spawn(
      process.execPath,
      [
        '-e',
        `const { writeSync } = require('node:fs')
         let seed = 42
         const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
         let left = ${total}
         const pause = new Int32Array(new SharedArrayBuffer(4))
         while (left > 0) {
           const burst = Math.min(left, 1 + random(4))
           writeSync(1, Buffer.alloc(burst))
           left -= burst
           const kind = random(10)
           if (kind === 0) Atomics.wait(pause, 0, 0, 1)
           else for (let spin = random(3000) * kind; spin > 0; spin--);
         }`,
      ],
      { stdio: ['ignore', ends.writer, 'inherit'] },
    )
    // Opened anew, to have flags of its own: a wait may end without cause, and must not be followed by another in the kernel.
    const reader = openSync(`/proc/self/fd/${ends.reader}`, constants.O_RDONLY | constants.O_NONBLOCK)
    opened.push(reader)
    using readiness = new Readiness([reader])
    const chunk = Buffer.alloc(64)
    let received = 0
    while (received < total) {
      await readiness.wait()
      try {
        received += readSync(reader, chunk)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      }
    }
    expect(received).toBe(total)
    await once(writer, 'close')
  })
})

describeKernel('the set that is waited for', () => {
  it('leaves the flags of what it watches as they are, which whoever shares it sees', async () => {
    const { reader, writer } = pipe()
    const terminal = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY)
    opened.push(terminal)
    const before = [reader, writer, terminal].map(statusFlags)
    using readable = new Readiness([reader, terminal])
    using writable = new Readiness([writer, terminal], { direction: 'writable' })
    const waiting = readable.wait()
    await writable.wait()
    writeSync(writer, 'x')
    await waiting
    expect([reader, writer, terminal].map(statusFlags)).toEqual(before)
  })

  it('is not inherited by programs that are started', () => {
    const { reader } = pipe()
    using _readiness = new Readiness([reader])
    const number = [...openFiles()].filter(([, what]) => what.includes('eventpoll')).map(([fd]) => fd)
    for (const fd of number) expect(Number.parseInt(statusFlags(fd), 8) & 0o2000000).toBe(0o2000000)
  })

  it.each([
    ['EPERM', () => openSync('/proc/self/exe', 'r')],
    ['EBADF', () => 9999],
  ])('cannot be made of what cannot be waited for (%s), and leaves nothing', (name, open) => {
    const { reader } = pipe()
    const fd = open()
    const before = openFiles()
    expect(() => new Readiness([reader, fd])).toThrow(`Cannot wait for file descriptor ${fd}: ${name}`)
    expect(openFiles()).toEqual(before)
    if (name === 'EPERM') closeSync(fd)
  })

  it('takes one descriptor, and gives it back', async () => {
    const { reader } = pipe()
    const before = openFiles().size
    for (let round = 0; round < 300; round++) {
      const readiness = new Readiness([reader])
      if (round % 2 === 0) void readiness.wait()
      if (round % 4 === 0) readiness.cancel()
      expect(openFiles().size).toBe(before + 1)
      readiness.close()
    }
    await new Promise(setImmediate)
    expect(openFiles().size).toBe(before)
  })
})

const SETUP = `const { Readiness } = await import(dist + 'sys/readiness.js')`

describeKernel('a process', () => {
  it.each(['level', 'edge'])('stays alive while it waits (%s), and no longer', async (mode) => {
    const child = new BuiltProcess(
      `${SETUP}
       const readiness = new Readiness([0], { mode: '${mode}' })
       ${mode === 'edge' ? 'await readiness.wait() // the first always looks once more' : ''}
       process.on('exit', () => answer('ended'))
       setTimeout(() => answer('half a second later'), 500).unref()
       readiness.wait().then(() => answer('told'))
       answer('waiting')`,
    )
    expect(await child.answer()).toBe('waiting')
    expect(await child.answer(1)).toBe('half a second later')
    child.tell()
    expect(await child.end()).toBe(0)
    expect(child.answers().slice(2)).toEqual(['told', 'ended'])
  })

  it('ends in order also when what it waited for comes just then', async () => {
    // It was handed to a function that could not be called any more, which ended the process by SIGABRT.
    const child = new BuiltProcess(
      `${SETUP}
       const { spawnSync } = await import('node:child_process')
       const readiness = new Readiness([0], { mode: 'edge' })
       await readiness.wait()
       process.on('exit', () => {
         answer('ending')
         // Time for the other end to write.
         spawnSync('sleep', ['0.3'])
       })`,
    )
    expect(await child.answer()).toBe('ending')
    child.tell()
    expect(await child.end()).toBe(0)
  })

  it.each([
    ['was never waited for', ''],
    ['is no longer waited for', 'const waiting = readiness.wait(); readiness.cancel(); await waiting'],
    // After the first wait for an edge, which ends by itself, it was.
    ['has told an edge', "const edge = new Readiness([0], { mode: 'edge' }); await edge.wait()"],
    [
      'was closed while it was waited for',
      'const waiting = readiness.wait(); readiness.close(); await waiting',
    ],
  ])('is not kept alive by a set that %s', (_what, text) => {
    // Standard input is a pipe on which nothing ever comes.
    const answers = runBuilt(`
      const { spawn } = await import('node:child_process')
      const text = ${JSON.stringify(`${SETUP}\nconst readiness = new Readiness([0])\n${text}`)}
      const child = spawn(process.execPath, ['--input-type=module', '-e', 'const dist = ' + JSON.stringify(dist) + '; ' + text], { stdio: ['pipe', 'inherit', 'inherit'] })
      child.on('exit', (code) => { answer(code); child.stdin.destroy() })`)
    expect(answers).toEqual([0])
  })
})
