import type { AgentIo } from './agent.js'

/**
 * Aborts when nothing is waited for any more: at once with `abandon`, or some time after `stop`. That time is for all that is
 * to be done then together.
 *
 * @param leftMs asked when `stop` aborts: a configuration may have been read anew by then
 */
export function patienceOf(
  { stop, abandon }: Pick<AgentIo, 'stop' | 'abandon'>,
  leftMs: () => number,
): AbortSignal {
  const patience = new AbortController()
  const end = () => patience.abort()
  const begin = () => setTimeout(end, leftMs()).unref()
  if (abandon.aborted) end()
  else abandon.addEventListener('abort', end, { once: true })
  if (stop.aborted) begin()
  else stop.addEventListener('abort', begin, { once: true })
  return patience.signal
}
