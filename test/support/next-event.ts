import type { Session } from '../../packages/hivetap/src/probes/tool.js'

/** The first event of a process, of those that come from now on, and that a test asks for. */
export async function nextEvent<E extends { readonly pid: number }>(
  { events }: Pick<Session<E>, 'events'>,
  pid: number,
  asked: (event: E) => boolean = () => true,
): Promise<E> {
  for (;;) {
    let found: E | undefined
    events.drain((event) => {
      // One object may serve for all of them.
      if (event.pid === pid && asked(event)) found ??= { ...event }
    })
    if (found !== undefined) return found
    await events.wait()
  }
}
