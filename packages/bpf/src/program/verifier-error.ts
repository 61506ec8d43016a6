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
const STATISTICS = /^(processed \d+ insns|verification time|stack depth|max_states_per_insn)/

/**
 * The line of a verifier's log that says why: the last that is neither a statistic nor a listing of instructions and
 * registers. An instruction number in front of it stays.
 */
export function verifierCause(log: string): string {
  const lines = log
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !STATISTICS.test(line))
  const spoken = lines.findLast((line) => !isListing(line))
  return spoken ?? lines.at(-1) ?? 'nothing'
}

/** `12: (79) r1 = *(u64 *)(r1 +0)`, `; source line`, `R0=inv1 R10=fp0`, `from 3 to 5: …`. */
function isListing(line: string): boolean {
  return /^(\d+: (\([0-9a-f]{2}\)|R\d)|;|R\d+(_\w)?=|from \d+ to \d+|func#\d|last_idx|regs=|parent )/.test(
    line,
  )
}
