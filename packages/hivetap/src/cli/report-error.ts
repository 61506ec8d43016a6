import { BpfError, VerifierError } from '@hivetap/bpf'
import { NoRungError } from '../probes/open-tool.js'
import { OutputError } from '../sinks/output.js'
import { EXIT, UsageError } from './exit-status.js'

/**
 * Says on stderr what went wrong, in a sentence, and what to do about it; with `verbose`, what led to it.
 *
 * @returns the exit status
 */
export function reportError(error: unknown, verbose: boolean): number {
  const message = error instanceof Error ? error.message : String(error)
  const hint = error instanceof BpfError ? error.hint : undefined
  process.stderr.write(`hivetap: ${sentence(message)}${hint === undefined ? '' : ` ${hint}`}\n`)
  if (error instanceof UsageError) return EXIT.usage
  if (verbose) process.stderr.write(details(error))
  else if (hasDetails(error)) process.stderr.write('hivetap: -v says more.\n')
  return EXIT.failure
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** Whether there is more to know than the sentence said. */
function hasDetails(error: unknown): boolean {
  if (error instanceof NoRungError) return error.needs === undefined
  return error instanceof VerifierError || !(error instanceof BpfError || error instanceof OutputError)
}

function details(error: unknown): string {
  if (error instanceof NoRungError) {
    return error.refusals
      .map(({ rung, buffer, error: cause }) => `  ${rung}, ${buffer}: ${cause.message}\n${details(cause)}`)
      .join('')
  }
  if (error instanceof VerifierError) return `${error.log.replace(/^/gm, '    ')}\n`
  if (error instanceof BpfError)
    return error.cause === undefined ? '' : `    because of: ${String(error.cause)}\n`
  return error instanceof Error ? `${error.stack ?? ''}\n` : ''
}
