import { isForbidden, missingRule, reasonOf } from '../cluster/kubectl-error.js'

/** How what ran on a node ended. */
export type SessionEnd =
  /** It was asked to, and told its account. */
  | { readonly kind: 'ended' }
  /** hivetap there says that it cannot: to try again would not mend it. */
  | { readonly kind: 'failed'; readonly status: number; readonly reason: string }
  /** The cluster does not let this user. */
  | { readonly kind: 'refused'; readonly reason: string; readonly hint?: string }
  /** The connection, the container or the node is gone: it may come back. */
  | { readonly kind: 'lost'; readonly reason: string }

const REMOTE_STATUS = /command terminated with exit code (\d+)/
/** 128 and a signal: whoever ended it was not hivetap. */
const SIGNALLED = 128
/** The container has no such program. */
const NO_PROGRAM = /executable file not found|exec: .*(?:no such file or directory|permission denied)/

/** What kubectl itself says, and not what runs there. */
const OWN_LINE =
  /^(?:error|Error from server|Unable to connect|command terminated|[EWIF]\d{4} |Defaulted container)/i

/** Whether a line on standard error is kubectl's own. */
export function isKubectlLine(line: string): boolean {
  return OWN_LINE.test(line)
}

/**
 * @param status kubectl's exit status; `null` where a signal ended it
 * @param stderr the last that was said
 * @param asked whether it was asked to end
 */
export function sessionEnd(status: number | null, stderr: string, asked: boolean): SessionEnd {
  if (status === 0) return asked ? { kind: 'ended' } : { kind: 'lost', reason: 'it ended by itself' }
  if (isForbidden(stderr)) {
    const hint = missingRule(stderr)
    return { kind: 'refused', reason: reasonOf(stderr), ...(hint === undefined ? {} : { hint }) }
  }
  const remote = Number(REMOTE_STATUS.exec(stderr)?.[1] ?? 0)
  if (remote > SIGNALLED) return { kind: 'lost', reason: `it was killed there (exit status ${remote})` }
  if (remote > 0) return { kind: 'failed', status: remote, reason: remoteReason(stderr, remote) }
  if (NO_PROGRAM.test(stderr)) return { kind: 'failed', status: 1, reason: reasonOf(stderr) }
  return { kind: 'lost', reason: status === null ? 'kubectl was killed' : reasonOf(stderr) }
}

/** The last that hivetap said there. */
function remoteReason(stderr: string, status: number): string {
  const said = stderr
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '' && !isKubectlLine(line))
  return said?.replace(/^hivetap: /, '') ?? `it ended with exit status ${status}`
}
