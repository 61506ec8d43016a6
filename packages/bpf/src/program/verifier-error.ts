import { SystemCallError } from '../errors.js'

/** The verifier refused a program. The message has the cause; `log` all that the verifier said. */
export class VerifierError extends SystemCallError {
  override readonly code = 'verifier'
  /** The program's name. */
  readonly program: string
  /** The whole log, at log level 1. */
  readonly log: string

  constructor(program: string, log: string, errno: { number: number; name: string }) {
    const lines = log.split('\n').filter((line) => line.trim() !== '')
    super(
      `Cannot load program ${program}: the verifier says: ${verifierCause(log)} (${errno.name}; ${lines.length} lines of log)`,
      errno,
    )
    this.program = program
    this.log = log
  }
}

/** Lines at the end that count what was done, and what is not a complaint. */
const STATISTICS = /^(processed \d+ insns|verification time|stack depth|max_states_per_insn|insns processed)/

/**
 * What of a verifier's log says why: the last line that is neither a statistic nor a listing of instructions and
 * registers, with the line before it if that is of the same kind. An instruction number in front of it stays.
 */
export function verifierCause(log: string): string {
  const lines = log
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !STATISTICS.test(line))
  const last = lines.findLastIndex((line) => !isListing(line))
  if (last < 0) return lines.at(-1) ?? 'nothing'
  const cause = lines[last] ?? ''
  const before = lines[last - 1]
  return before === undefined || before === cause || isListing(before) || ANNOUNCEMENT.test(before)
    ? cause
    : `${before}; ${cause}`
}

/** What older kernels say of any program whose functions are described, and of each function that they begin with. */
const ANNOUNCEMENT = /^(arg#\d|Unrecognized arg#\d|Validating |Func#\d+ is)/

/**
 * What the verifier lists, at log level 1: `12: (79) r1 = *(u64 *)(r1 +0)`, `; source line`, `R0=inv1 R10=fp0`,
 * `from 3 to 5: R0=1`, `12: safe`, `caller:`, `cur state: R0=0`.
 */
const LISTING =
  /^(\d+: (\([0-9a-f]{2}\)|R\d|frame\d|safe)|;|R\d+(_\w)?=|frame\d+:|from \d+ to \d+|func#\d|last_idx|regs=|parent |mark_precise:|propagating |(cur|old) state:|(caller|callee|returning from callee|to caller at \d+):)/

function isListing(line: string): boolean {
  return LISTING.test(line)
}
