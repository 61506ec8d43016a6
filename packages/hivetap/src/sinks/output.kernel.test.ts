import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { describeKernel } from '../../../../test/support/kernel.js'
import { KINDS, openPipe, openTerminal, type TwoEnds } from '../../../../test/support/two-ends.js'
import { Writer } from '../../../../test/support/writer.js'
import { Output, OutputError } from './output.js'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function opened(ends: TwoEnds): TwoEnds {
  cleanups.push(
    () => ends.closeNear(),
    () => ends.closeFar(),
  )
  return ends
}

function writerTo(fd: number, prefix: readonly string[] = []): Writer {
  const writer = new Writer(fd, prefix)
  cleanups.push(() => writer.stop())
  return writer
}

/** Some numbered lines of uneven lengths, far more than a pipe, a socket or a terminal holds. */
function manyLines(count = 10_000, letter = 'x'): string {
  return Array.from({ length: count }, (_, index) => `${index} ${letter.repeat((index * 7) % 200)}\n`).join(
    '',
  )
}

/** The text as its reader has it. */
const asRead = (text: string, { isTerminal }: TwoEnds) => (isTerminal ? text.replaceAll('\n', '\r\n') : text)

const wholeLines = (text: string) => text.split('\n').length - 1

describe.each(Object.entries(KINDS))('Output on a %s', (_, open) => {
  describeKernel('whose reader does not read', () => {
    it('lets the program run: it answers, and handles signals; then it goes on', async () => {
      const ends = opened(open())
      const writer = writerTo(ends.near)
      const text = manyLines()
      const stuck = await writer.ask({ op: 'write', text, lines: 10_000 })
      expect(stuck.state).toBe('flushing')
      expect(stuck.lines).toBeLessThan(10_000)
      writer.signal('SIGUSR2')
      const handled = await writer.until(({ signals }) => signals === 1)
      expect(handled).toEqual({ ...stuck, signals: 1 })

      let read = ''
      const done = await writer.until(
        ({ state }) => state !== 'flushing',
        () => {
          read += ends.read()
        },
      )
      expect(done).toMatchObject({ state: 'idle', lines: 10_000, closed: false })
      expect(read + ends.read()).toBe(asRead(text, ends))
    })

    it('leaves the flags of the descriptor, which others share, as they are', async () => {
      const ends = opened(open())
      const writer = writerTo(ends.near)
      await writer.ask({ op: 'status' })
      const before = writer.flags()
      await writer.ask({ op: 'write', text: manyLines(), lines: 10_000 })
      expect(writer.flags()).toBe(before)
      expect(Number.parseInt(before, 8) & 0o4000).toBe(0)
    })

    it('stops waiting when told to, and goes on with the very next byte', async () => {
      const ends = opened(open())
      const writer = writerTo(ends.near)
      const text = manyLines()
      await writer.ask({ op: 'write', text, lines: 10_000 })
      let read = ''
      for (let times = 0; times < 5; times++) {
        await writer.ask({ op: 'abort' })
        const { lines } = await writer.until(({ state }) => state === 'idle')
        expect(lines).toBeLessThan(10_000)
        read += ends.read()
        await writer.ask({ op: 'flush' })
      }
      const done = await writer.until(
        ({ state }) => state === 'idle',
        () => {
          read += ends.read()
        },
      )
      expect(done.lines).toBe(10_000)
      expect(read + ends.read()).toBe(asRead(text, ends))
    })

    it('counts the lines that were written whole, no less and no more, when it is closed', async () => {
      const ends = opened(open())
      const writer = writerTo(ends.near)
      await writer.ask({ op: 'write', text: manyLines(), lines: 10_000 })
      await writer.ask({ op: 'abort' })
      const { lines } = await writer.ask({ op: 'close' })
      const read = ends.read()
      expect(wholeLines(read)).toBe(lines)
      expect(lines).toBeGreaterThan(0)
      // A terminal takes what it takes; what a reader of lines has ends with a line.
      if (!ends.isTerminal) expect(read.endsWith('\n')).toBe(true)
    })

    it('is told that it is gone: that is the end, and no error', async () => {
      const ends = opened(open())
      const writer = writerTo(ends.near)
      const { lines } = await writer.ask({ op: 'write', text: manyLines(), lines: 10_000 })
      ends.closeFar()
      const done = await writer.until(({ state }) => state !== 'flushing')
      expect(done).toMatchObject({ state: 'idle', closed: true })
      // A socket’s or terminal’s last piece may have been cut.
      expect(done.lines).toBeGreaterThanOrEqual(lines)
      expect(done.lines).toBeLessThan(10_000)
      expect(await writer.ask({ op: 'write', text: 'more\n', lines: 1 })).toMatchObject({ lines: done.lines })
      expect(await writer.ask({ op: 'status' })).toMatchObject({ state: 'idle', lines: done.lines })
    })
  })
})

describeKernel('Output on a pipe', () => {
  it('gives it whole lines: those of several writers do not run into each other', async () => {
    // A writer that had been told that there is room waited in the kernel, for ever, when another filled it before.
    const ends = opened(openPipe())
    const letters = ['a', 'b', 'c']
    const writers = letters.map(() => writerTo(ends.near))
    for (const [index, writer] of writers.entries())
      await writer.ask({ op: 'write', text: manyLines(3000, letters[index]), lines: 3000 })
    let read = ''
    for (const writer of writers) {
      await writer.until(
        ({ state }) => state === 'idle',
        () => {
          read += ends.read()
        },
      )
    }
    const lines = (read + ends.read()).split('\n').slice(0, -1)
    expect(lines).toHaveLength(9000)
    const expected = letters.flatMap((letter) => manyLines(3000, letter).split('\n').slice(0, -1))
    expect(lines.sort()).toEqual(expected.sort())
  })

  it('writes a line that is longer than a pipe takes at once', async () => {
    const ends = opened(openPipe())
    const writer = writerTo(ends.near)
    const text = `short\n${'long '.repeat(50_000)}\nshort\n`
    await writer.ask({ op: 'write', text, lines: 3 })
    let read = ''
    const { lines } = await writer.until(
      ({ state }) => state === 'idle',
      () => {
        read += ends.read()
      },
    )
    expect(lines).toBe(3)
    expect(read + ends.read()).toBe(text)
  })

  it('has a head that is written, and not counted', async () => {
    const ends = opened(openPipe())
    const writer = writerTo(ends.near)
    await writer.ask({ op: 'write', text: 'HEAD\n', lines: 0 })
    const { lines } = await writer.ask({ op: 'write', text: '1\n2\n', lines: 2 })
    expect(lines).toBe(2)
    expect(ends.read()).toBe('HEAD\n1\n2\n')
  })
})

describeKernel('Output on a terminal of another user', () => {
  it.skipIf(process.getuid?.() !== 0)(
    'never waits for it either, though it cannot open it anew',
    async () => {
      const ends = opened(openTerminal())
      const writer = writerTo(ends.near, [
        'setpriv',
        '--reuid',
        '65534',
        '--regid',
        '65534',
        '--clear-groups',
      ])
      const text = manyLines(2000)
      expect(await writer.ask({ op: 'write', text, lines: 2000 })).toMatchObject({ state: 'flushing' })
      let read = ''
      const { lines } = await writer.until(
        ({ state }) => state === 'idle',
        () => {
          read += ends.read()
        },
      )
      expect(lines).toBe(2000)
      expect(read + ends.read()).toBe(asRead(text, ends))
    },
  )
})

describeKernel('Output on what has no reader', () => {
  function temporary(): string {
    const folder = mkdtempSync(join(tmpdir(), 'hivetap-output-'))
    cleanups.push(() => rmSync(folder, { recursive: true }))
    return join(folder, 'out')
  }

  function outputTo(path: string, flags = 'w'): { output: Output; fd: number } {
    const fd = openSync(path, flags)
    const output = new Output(fd)
    cleanups.push(
      () => closeSync(fd),
      () => output.close(),
    )
    return { output, fd }
  }

  it('writes a file at once', async () => {
    const path = temporary()
    const { output } = outputTo(path)
    const text = manyLines()
    output.write(text, 10_000)
    await output.flush()
    expect(output.lines).toBe(10_000)
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it('writes behind what a file has, where the shell opened it so (>>)', async () => {
    const path = temporary()
    for (const line of ['one\n', 'two\n']) {
      const { output } = outputTo(path, 'a')
      output.write(line, 1)
      await output.flush()
    }
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
  })

  it('writes to /dev/null', async () => {
    const { output } = outputTo('/dev/null')
    output.write(manyLines(), 10_000)
    await output.flush()
    expect(output).toMatchObject({ lines: 10_000, closed: false })
  })

  it('fails on a full disk, and writes nothing more', async () => {
    const { output } = outputTo('/dev/full')
    output.write('a\nb\n', 2)
    const failed = output.flush()
    await expect(failed).rejects.toThrow(OutputError)
    await expect(failed).rejects.toThrow(/^Cannot write to standard output: ENOSPC$/)
    expect(output).toMatchObject({ lines: 0, closed: true })
    output.write('c\n', 1)
    await output.flush()
    expect(output.lines).toBe(0)
  })

  it('counts the lines that were whole before there was no more room', async () => {
    const path = temporary()
    const fd = openSync(path, 'w')
    cleanups.push(() => closeSync(fd))
    // Eight blocks of 512 bytes may be written: setrlimit(2), RLIMIT_FSIZE.
    const writer = writerTo(fd, ['sh', '-c', 'ulimit -f 8 && exec "$0" "$@"'])
    await writer.ask({ op: 'write', text: manyLines(), lines: 10_000 })
    const done = await writer.until(({ state }) => state !== 'flushing')
    const written = readFileSync(path, 'utf8')
    expect(done).toEqual({
      state: 'failed',
      error: 'OutputError: Cannot write to standard output: EFBIG',
      lines: wholeLines(written),
      closed: true,
      signals: 0,
    })
    expect(written).toBe(manyLines().slice(0, written.length))
    expect(done.lines).toBeGreaterThan(0)
  })

  it('says which error, where the descriptor is not for writing', async () => {
    const { output } = outputTo('/dev/null', 'r')
    output.write('a\n', 1)
    await expect(output.flush()).rejects.toThrow(/^Cannot write to standard output: EBADF$/)
  })

  it('writes nothing for no text', async () => {
    const path = temporary()
    const { output } = outputTo(path)
    output.write('', 0)
    await output.flush()
    expect(readFileSync(path, 'utf8')).toBe('')
  })
})
