/** What ends a run: Ctrl-C, a supervisor, a terminal that is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs something that a signal ends in order. A second one, whichever it is, does what it does by itself: it ends the
 * process.
 */
export async function untilSignal(run: (stop: AbortController) => Promise<void>): Promise<void> {
  const stop = new AbortController()
  const handler = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) {
      release()
      process.kill(process.pid, signal)
    }
    stop.abort()
  }
  const release = () => {
    for (const signal of SIGNALS) process.off(signal, handler)
  }
  for (const signal of SIGNALS) process.on(signal, handler)
  try {
    await run(stop)
  } finally {
    release()
  }
}
