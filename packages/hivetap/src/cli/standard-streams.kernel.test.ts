import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { Hivetap } from '../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { openPipe, type TwoEnds } from '../../../../test/support/two-ends.js'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function hivetap(...[args, options]: ConstructorParameters<typeof Hivetap>): Hivetap {
  const run = new Hivetap(args, options)
  cleanups.push(() => run.kill())
  return run
}

function pipe(): TwoEnds {
  const ends = openPipe()
  cleanups.push(
    () => ends.closeNear(),
    () => ends.closeFar(),
  )
  return ends
}

/** A pipe that nobody reads from any more. */
function pipeWithoutReader(): number {
  const ends = pipe()
  ends.closeFar()
  return ends.near
}

/** A pipe that is full, and that nobody reads from. */
function fullPipe(): TwoEnds {
  const ends = pipe()
  // A description of its own that does not block.
  const fd = openSync(`/proc/self/fd/${ends.near}`, constants.O_WRONLY | constants.O_NONBLOCK)
  const page = Buffer.alloc(4096)
  try {
    for (;;) writeSync(fd, page)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
  }
  closeSync(fd)
  return ends
}

function fullDisk(): number {
  const fd = openSync('/dev/full', 'w')
  cleanups.push(() => closeSync(fd))
  return fd
}

/** Commands that print something and end. */
const PRINTING = ['--help', '--version', 'help tcpconnlat', 'tcpconnlat --help', 'doctor', 'doctor -o json']

describeKernel('what is printed', () => {
  it.each(PRINTING)('ends as if nothing were when its reader is gone: %s', async (command) => {
    const run = hivetap(command.split(' '), { stdout: pipeWithoutReader() })
    expect(await run.ended()).toEqual({ code: 0, signal: null })
    expect(run.stderr).toBe('')
  })

  it.each(PRINTING)('says in a sentence that the disk is full: %s', async (command) => {
    const run = hivetap(command.split(' '), { stdout: fullDisk() })
    expect(await run.ended()).toEqual({ code: 1, signal: null })
    expect(run.stderr).toBe('hivetap: Cannot write to standard output: ENOSPC.\n')
  })

  it('comes whole to a reader that takes its time', async () => {
    const ends = fullPipe()
    const run = hivetap(['doctor'], { stdout: ends.near })
    let read = ''
    while (run.child.exitCode === null) {
      read += ends.read()
      await new Promise(setImmediate)
    }
    read += ends.read()
    expect(run.child.exitCode).toBe(0)
    expect(read.replace(/^\0+/, '')).toMatch(/^hivetap \d.*\n.*tcpconnlat runs here.*\n$/s)
  })
})

describeKernel('what is told on standard error', () => {
  const ERRORS = [
    { name: 'a usage error', args: ['tcpconnlat', '--nonsense'], code: 2 },
    { name: 'called with nothing', args: [], code: 2 },
    { name: 'a run', args: ['tcpconnlat', '-v', '--stats', '-p', '1', '--duration', '0.1'], code: 0 },
  ]

  it.each(ERRORS)('changes no exit status when its reader is gone: $name', async ({ args, code }) => {
    const run = hivetap(args, { stderr: pipeWithoutReader() })
    expect(await run.ended()).toEqual({ code, signal: null })
  })

  it.each(ERRORS)('changes no exit status when the disk is full: $name', async ({ args, code }) => {
    const run = hivetap(args, { stderr: fullDisk() })
    expect(await run.ended()).toEqual({ code, signal: null })
  })

  it.each(ERRORS)('waits for no reader without end: $name', async ({ args, code }) => {
    const run = hivetap(args, { stderr: fullPipe().near })
    expect(await run.ended()).toEqual({ code, signal: null })
  })

  it('leaves the descriptor, which others share, as it is: it blocks as before', async () => {
    const ends = pipe()
    const run = hivetap(['tcpconnlat', '-v', '-p', '1'], { stderr: ends.near })
    let told = ''
    while (!told.includes('attached by')) {
      told += ends.read()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/${run.child.pid}/fdinfo/2`, 'utf8'))?.[1] ?? ''
    expect(Number.parseInt(flags, 8) & constants.O_NONBLOCK).toBe(0)
    expect(await run.end('SIGINT')).toEqual({ code: 0, signal: null })
  })

  it('is one line for a flag that is nearly one, too', async () => {
    const run = hivetap(['tcpconnlat', '--stat'])
    expect(await run.ended()).toEqual({ code: 2, signal: null })
    expect(run.stderr).toBe(
      "hivetap: unknown option '--stat' (Did you mean --stats?). hivetap --help says how it is called.\n",
    )
  })

  it('has no control characters, whoever wrote what is told', async () => {
    const run = hivetap(['\u001b]0;x\u0007\u202e'])
    expect(await run.ended()).toEqual({ code: 2, signal: null })
    expect(run.stderr).toBe("hivetap: unknown command '?]0;x??'. hivetap --help says how it is called.\n")
  })
})

describe.skipIf(process.getuid?.() !== 0)('-v', () => {
  const NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']

  it.each([['-v'], ['-xv'], ['--verbose']])(
    'says what led to an error, however it was written: %s',
    async (flag) => {
      const run = hivetap(['tcpconnlat', flag], { prefix: NOBODY })
      expect(await run.ended()).toEqual({ code: 1, signal: null })
      expect(run.stderr).toMatch(/^ {2}tp_btf, ringbuf: /m)
      expect(run.stderr).not.toContain('-v says more')
    },
  )

  it('is not there for the value of another flag', async () => {
    const run = hivetap(['tcpconnlat', '-p', '-v'], { prefix: NOBODY })
    expect(await run.ended()).toEqual({ code: 2, signal: null })
  })
})
