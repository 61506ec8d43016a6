/**
 * Every error that this package throws on purpose, one class a code.
 *
 * A message says what happened and to what; `hint` says what to do about it. The cause, where there is one,
 * hangs on `cause`, so that a command line can print one sentence and keep the rest for `-v`.
 */

/** What went wrong, for programs: stable across releases, unlike the message. */
export type BpfErrorCode =
  | 'malformed_elf'
  | 'malformed_btf'
  | 'malformed_program'
  | 'malformed_format'
  | 'invalid_spec'
  | 'unresolved_relocation'
  | 'system_call'
  | 'not_permitted'
  | 'memlock'
  | 'unsupported'
  | 'verifier'
  | 'not_found'
  | 'exists'
  | 'closed'
  | 'platform'

/** What is lacking, where one thing is: what a program may tell its user to mend. */
export type Requirement =
  /** CAP_BPF and CAP_PERFMON; CAP_SYS_ADMIN before Linux 5.8. */
  | 'capabilities'
  /** A higher RLIMIT_MEMLOCK, or CAP_SYS_RESOURCE to raise it. */
  | 'memlock'
  /** The file system of tracepoints, mounted or mountable. */
  | 'tracefs'
  /** A kernel that is not under lockdown=confidentiality. */
  | 'lockdown'
  /** kernel.perf_event_paranoid at 2 or less. */
  | 'perf_event_paranoid'
  /** A kernel with its types in /sys/kernel/btf. */
  | 'kernel_btf'
  /** The file system that pins live in, mounted. */
  | 'bpffs'
  /** A newer kernel. */
  | 'newer_kernel'

/** What an error may carry besides its message. */
export interface BpfErrorOptions {
  /** The error underneath. */
  readonly cause?: unknown
  /** What the reader can do about it: a sentence. */
  readonly hint?: string
  /** What is lacking. */
  readonly needs?: Requirement
}

/** The base of all of them: `catch (error) { if (error instanceof BpfError) … }`. */
export abstract class BpfError extends Error {
  abstract readonly code: BpfErrorCode
  /** What the reader can do about it, where something can be done. */
  readonly hint: string | undefined
  /** What is lacking, where one thing is. */
  readonly needs: Requirement | undefined

  constructor(message: string, options: BpfErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.hint = options.hint
    this.needs = options.needs
  }
}

/** The bytes are not an ELF file that a BPF object can be read from. */
export class MalformedElfError extends BpfError {
  readonly code = 'malformed_elf'
}

/** The bytes are not BTF, or a type in them refers to nothing, or to itself without end. */
export class MalformedBtfError extends BpfError {
  readonly code = 'malformed_btf'
}

/** The bytes are not BPF instructions, or a jump leads out of the program. */
export class MalformedProgramError extends BpfError {
  readonly code = 'malformed_program'
}

/** The text is not a tracefs event format. */
export class MalformedFormatError extends BpfError {
  readonly code = 'malformed_format'
}

/** The object is well-formed but asks for something that cannot be: an unknown constant, a value out of range. */
export class InvalidSpecError extends BpfError {
  readonly code = 'invalid_spec'
}

/** A CO-RE relocation finds nothing in the kernel's types, in code that can be reached. */
export class UnresolvedRelocationError extends BpfError {
  readonly code = 'unresolved_relocation'
}

/** A system call failed for a reason that no other class names. */
export class SystemCallError extends BpfError {
  readonly code: BpfErrorCode = 'system_call'
  /** The error number, as errno(3) has it. */
  readonly errno: number
  /** Its name: `'ENOENT'`. */
  readonly errnoName: string

  constructor(message: string, errno: { number: number; name: string }, options: BpfErrorOptions = {}) {
    super(message, options)
    this.errno = errno.number
    this.errnoName = errno.name
  }
}

/** The process lacks a right. `hint` names the capability. */
export class NotPermittedError extends SystemCallError {
  override readonly code = 'not_permitted'
}

/** The kernel counts BPF memory against RLIMIT_MEMLOCK (before Linux 5.11), and the limit is too low. */
export class MemlockError extends SystemCallError {
  override readonly code = 'memlock'
}

/** This kernel cannot do it. `hint` says what would do instead, or what it takes. */
export class UnsupportedError extends BpfError {
  readonly code = 'unsupported'
}

/** The thing that was asked for by name is not there: a tracepoint, a type, a map. */
export class NotFoundError extends BpfError {
  readonly code = 'not_found'
}

/** There is something already where it was to be put. */
export class ExistsError extends BpfError {
  readonly code = 'exists'
}

/** It was used after close(). */
export class ClosedError extends BpfError {
  readonly code = 'closed'
}

/** Not Linux, not little-endian, or a machine that the FFI has no binary for. */
export class PlatformError extends BpfError {
  readonly code = 'platform'
}
