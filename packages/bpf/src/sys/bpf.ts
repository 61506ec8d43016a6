import { bpf_cmd } from './abi.generated.js'
import { libc, systemCallNumber } from './libc.js'
import type { Memory } from './memory.js'

export type BpfCommand = keyof typeof bpf_cmd

/** bpf(2): the result, or a negative error number. */
export type BpfCall = (command: BpfCommand, attributes: Memory) => number

const real: BpfCall = (command, attributes) =>
  libc().systemCall(systemCallNumber('bpf'), bpf_cmd[command], attributes, attributes.bytes.byteLength)

let current: BpfCall = real

/** Calls bpf(2). A command that a signal interrupted is repeated, as its manual page asks for. */
export function bpf(command: BpfCommand, attributes: Memory): number {
  // The kernel may have written into the attributes before it was interrupted: how many entries of a batch it got to.
  const asGiven = attributes.bytes.slice()
  for (let attempt = 1; ; attempt++) {
    const result = current(command, attributes)
    if ((result !== -EAGAIN && result !== -EINTR) || attempt >= MAX_ATTEMPTS) return result
    attributes.bytes.set(asGiven)
  }
}

/** The verifier gives up with EAGAIN when a signal is pending; five attempts are what other loaders make. */
const MAX_ATTEMPTS = 5
const EAGAIN = 11
const EINTR = 4

/**
 * Puts a function in front of bpf(2), for tests: one that refuses what an older kernel would refuse. It gets the real
 * call to pass on to.
 *
 * @returns puts things back
 */
export function interposeBpf(
  interposer: (real: BpfCall, command: BpfCommand, attributes: Memory) => number,
): () => void {
  const before = current
  current = (command, attributes) => interposer(before, command, attributes)
  return () => {
    current = before
  }
}
