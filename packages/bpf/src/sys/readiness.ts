import koffi from 'koffi'
import { ClosedError } from '../errors.js'
import { failed } from './errno.js'
import { FileDescriptor } from './file-descriptor.js'
import { libc } from './libc.js'
import { allocate } from './memory.js'

const EPOLL_CLOEXEC = 0o2000000
const EPOLL_CTL_ADD = 1
const EPOLLIN = 1
const EPOLLOUT = 4

/**
 * How a descriptor tells that it is ready. A `level` lasts as long as there is something to do. An `edge` is told once, to
 * whoever asks first: perf events are so, whatever epoll is told (perf_poll() in the kernel's kernel/events/core.c).
 */
export type ReadinessMode = 'level' | 'edge'

/** What to wait for. */
export interface ReadinessOptions {
  readonly direction?: 'readable' | 'writable'
  readonly mode?: ReadinessMode
}

/**
 * Waits until the kernel says that one of some file descriptors can be read, or written: on Node's own event loop, with
 * no timer and no thread.
 *
 * They are put into an epoll(7) set of our own, and the loop waits for that set: so the descriptors themselves keep
 * their flags (the loop would make a terminal or pipe that it is given non-blocking, for every process that shares it),
 * and one wait serves any number of them.
 */
export class Readiness {
  readonly #epoll: FileDescriptor
  readonly #mode: ReadinessMode
  #poll: PollHandle | undefined
  #waiting: (() => void)[] = []
  /** An edge that nobody was waiting for. */
  #missed = false
  #listening = false

  /**
   * @param fds what to wait for
   * @throws {SystemCallError} if a descriptor cannot be waited for: EPERM for a regular file
   */
  constructor(fds: readonly number[], { direction = 'readable', mode = 'level' }: ReadinessOptions = {}) {
    this.#mode = mode
    const epoll = libc().epollCreate(EPOLL_CLOEXEC)
    if (epoll < 0) throw failed('Cannot create an epoll set', epoll)
    this.#epoll = new FileDescriptor(epoll, 'epoll set')
    for (const fd of fds) {
      // struct epoll_event: events u32, data u64 at 4 (packed on x86-64) or 8; the data are not used.
      const event = allocate(16)
      event.view.setUint32(0, direction === 'readable' ? EPOLLIN : EPOLLOUT, true)
      const result = libc().epollCtl(epoll, EPOLL_CTL_ADD, fd, event)
      if (result < 0) {
        this.#epoll.close()
        throw failed(`Cannot wait for file descriptor ${fd}`, result)
      }
    }
  }

  /**
   * Resolves when one of the descriptors is ready, or when `cancel` or `close` is called: at once if one is already. It
   * may resolve without cause. Who waits at the same time is told at the same time. While it waits, the process stays alive.
   *
   * @throws {ClosedError} after `close`
   */
  wait(): Promise<void> {
    if (this.#epoll.closed) return Promise.reject(new ClosedError('Cannot wait: it is closed'))
    if (this.#missed) {
      this.#missed = false
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) this.#listen()
      this.#waiting.push(resolve)
    })
  }

  /** Ends a wait, as if something were ready. */
  cancel(): void {
    this.#poll?.unref()
    this.#finish()
  }

  /** Ends a wait and gives the set back. */
  close(): void {
    if (this.#poll !== undefined) closePoll(this.#poll)
    this.#poll = undefined
    this.#epoll.close()
    this.#finish()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** Has the loop listen, and the process live on. It goes on listening after a wait: to begin anew costs system calls. */
  #listen(): void {
    if (this.#listening) {
      this.#poll?.ref()
      return
    }
    this.#listening = true
    if (this.#poll !== undefined) {
      this.#poll.start(this.#onReady)
      this.#poll.ref()
      return
    }
    this.#poll = openPoll(this.#epoll.number, this.#onReady)
    // The loop's first look takes away an edge from before: so the first wait ends after that look, in any case. The next
    // immediate may come before it, when this is called while the loop hands out events; the one after cannot.
    if (this.#mode === 'edge') setImmediate(() => setImmediate(() => this.#signal()))
  }

  readonly #onReady = (): void => {
    // A level that nobody is waiting for would be told again and again.
    if (this.#waiting.length === 0 && this.#mode === 'level') {
      this.#listening = false
      this.#poll?.stop()
      return
    }
    // The callback comes from the event loop itself, where promises are not run afterwards; from an immediate they are.
    setImmediate(() => this.#signal())
  }

  #signal(): void {
    if (this.#waiting.length === 0) this.#missed = this.#mode === 'edge'
    else this.cancel()
  }

  #finish(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

type PollHandle = ReturnType<typeof koffi.node.poll>

/**
 * Handles that are open when the process ends are stopped first: it still looks at the loop then, and an event that came
 * could be told to nobody any more, which aborts the process.
 */
const openPolls = new Set<PollHandle>()
let endIsWatched = false

function openPoll(fd: number, onReady: () => void): PollHandle {
  if (!endIsWatched) {
    process.once('exit', () => {
      for (const poll of openPolls) poll.stop()
    })
  }
  endIsWatched = true
  const poll = koffi.node.poll(fd, onReady)
  openPolls.add(poll)
  return poll
}

function closePoll(poll: PollHandle): void {
  openPolls.delete(poll)
  poll.close()
}
