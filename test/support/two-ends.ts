import { closeSync, constants, openSync, readSync } from 'node:fs'
import koffi from 'koffi'

const libc = koffi.load(null)
const pipe2 = libc.func('int pipe2(_Out_ int *, int)')
const socketpair = libc.func('int socketpair(int, int, int, _Out_ int *)')
const recv = libc.func('long recv(int, _Out_ uint8 *, size_t, int)')
const openpt = libc.func('int posix_openpt(int)')
const unlockpt = libc.func('int unlockpt(int)')
const ptsname = libc.func('const char *ptsname(int)')

const AF_UNIX = 1
const SOCK_STREAM = 1
const CLOEXEC = 0o2000000
const MSG_DONTWAIT = 0x40
const ROOM = 1 << 16

/** Something that can be written to, with its reader in this process: it reads only when it is told to. */
export interface TwoEnds {
  /** What is written to: a descriptor that blocks, as a shell gives it to its programs. */
  readonly near: number
  /** Whether a newline is read as two characters: a terminal's. */
  readonly isTerminal: boolean
  /** All that can be read now, without waiting. */
  read(): string
  /** Closes our hold of what is written to. */
  closeNear(): void
  /** Closes the reader's end. */
  closeFar(): void
}

/** The kinds of things that have a reader. */
export const KINDS = {
  pipe: openPipe,
  socket: openSocketPair,
  terminal: openTerminal,
} as const

/** pipe(2). */
export function openPipe(): TwoEnds {
  const fds = [0, 0]
  check('pipe2', pipe2(fds, CLOEXEC))
  const [far = -1, near = -1] = fds
  // A description of its own that does not block.
  const reader = openSync(`/proc/self/fd/${far}`, constants.O_RDONLY | constants.O_NONBLOCK)
  closeSync(far)
  return ends(near, reader, false, (buffer) => readSync(reader, buffer))
}

/** socketpair(2): what Node gives to its children for a pipe. */
export function openSocketPair(): TwoEnds {
  const fds = [0, 0]
  check('socketpair', socketpair(AF_UNIX, SOCK_STREAM | CLOEXEC, 0, fds))
  const [far = -1, near = -1] = fds
  return ends(near, far, false, (buffer) =>
    Math.max(0, Number(recv(far, buffer, buffer.length, MSG_DONTWAIT))),
  )
}

/** A pseudoterminal: pty(7). */
export function openTerminal(): TwoEnds {
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants
  const far = check('posix_openpt', openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | CLOEXEC))
  check('unlockpt', unlockpt(far))
  const near = openSync(String(ptsname(far)), O_RDWR | O_NOCTTY)
  return ends(near, far, true, (buffer) => readSync(far, buffer))
}

function ends(near: number, far: number, isTerminal: boolean, take: (buffer: Buffer) => number): TwoEnds {
  const open = new Set([near, far])
  const close = (fd: number) => {
    if (open.delete(fd)) closeSync(fd)
  }
  return {
    near,
    isTerminal,
    read: () => readAll(take),
    closeNear: () => close(near),
    closeFar: () => close(far),
  }
}

function readAll(take: (buffer: Buffer) => number): string {
  const parts: Buffer[] = []
  for (;;) {
    const buffer = Buffer.alloc(ROOM)
    const size = takeSome(take, buffer)
    if (size === 0) return Buffer.concat(parts).toString()
    parts.push(buffer.subarray(0, size))
  }
}

function takeSome(take: (buffer: Buffer) => number, buffer: Buffer): number {
  try {
    return take(buffer)
  } catch (error) {
    // Nothing there now; of a terminal, also that nobody has it open any more.
    if (['EAGAIN', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0
    throw error
  }
}

function check(what: string, result: number): number {
  if (result < 0) throw new Error(`${what}: errno ${koffi.errno()}`)
  return result
}
