import { readdirSync, readlinkSync } from 'node:fs'
import { afterEach, beforeEach, expect } from 'vitest'

/** What of file descriptors belongs to BPF, or is waited for on its behalf. */
const OURS = /^anon_inode:(\[?(bpf|perf_event|btf)|\[?eventpoll)/

/** The descriptors of this process that are ours, with what they are. */
function ourDescriptors(): Map<string, string> {
  const found = new Map<string, string>()
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      if (OURS.test(target)) found.set(fd, target)
    } catch {
      // It was closed meanwhile: readdir's own.
    }
  }
  return found
}

let before = new Map<string, string>()

beforeEach(() => {
  before = ourDescriptors()
})

/** A test that leaves a map, program, link, event or epoll set open fails. */
afterEach(() => {
  const leaked = [...ourDescriptors()].filter(([fd, target]) => before.get(fd) !== target)
  expect(leaked, 'file descriptors that the test left open').toEqual([])
})
