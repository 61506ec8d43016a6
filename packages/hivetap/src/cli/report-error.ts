import { BpfError, VerifierError } from '@hivetap/bpf'
import { AgentError } from '../agent/agent-error.js'
import { ConfigError } from '../agent/config/config-error.js'
import { DeliveryError } from '../delivery/destination.js'
import { DetectStateError } from '../detect/state/state-error.js'
import { KubeError } from '../kubernetes/client/kube-error.js'
import { SelectorError } from '../kubernetes/model/select/selector-error.js'
import { NoRungError } from '../probes/open-tool.js'
import { OutputError } from '../sinks/output.js'
import { SpoolLockedError } from '../spool/disk/lock.js'
import { StoreError } from '../store/ask-store.js'
import { InputError } from '../topic/input-error.js'
import { EXIT } from './exit-status.js'
import { tell } from './standard-streams.js'

/**
 * Says on stderr what went wrong, and what to do about it; with `verbose`, what led to it.
 *
 * @returns the exit status
 */
export async function reportError(error: unknown, verbose: boolean): Promise<number> {
  await tell(describeError(error, verbose), 'error')
  return EXIT.failure
}

/** What is said of an error: a sentence, its hint; with `verbose`, lines of what led to it. */
export function describeError(error: unknown, verbose: boolean): string {
  const message = error instanceof Error ? error.message : String(error)
  const hint = error instanceof BpfError ? error.hint : undefined
  const said = `hivetap: ${sentence(message)}${hint === undefined ? '' : ` ${hint}`}\n`
  if (verbose) return said + details(error)
  return hasDetails(error) ? `${said}hivetap: -v says more.\n` : said
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** Whether there is more to know than the sentence said. */
function hasDetails(error: unknown): boolean {
  if (error instanceof NoRungError) return error.needs === undefined
  return error instanceof VerifierError || !isExpected(error)
}

/** Errors that are thrown on purpose: where they came from in the code tells a user nothing. */
const EXPECTED = [
  BpfError,
  AgentError,
  ConfigError,
  DeliveryError,
  DetectStateError,
  SpoolLockedError,
  OutputError,
  InputError,
  KubeError,
  SelectorError,
  StoreError,
]

function isExpected(error: unknown): error is Error {
  return EXPECTED.some((kind) => error instanceof kind)
}

function details(error: unknown): string {
  if (error instanceof NoRungError) {
    return error.refusals
      .map(({ rung, buffer, error: cause }) => `  ${rung}, ${buffer}: ${cause.message}\n${details(cause)}`)
      .join('')
  }
  if (error instanceof VerifierError) return `${error.log.trimEnd().replace(/^/gm, '    ')}\n`
  if (isExpected(error)) return error.cause === undefined ? '' : `    because of: ${String(error.cause)}\n`
  return error instanceof Error ? `${error.stack ?? ''}\n` : ''
}
