/** What signals ask for. */
export interface Asked {
  /** SIGTERM or SIGINT: end in order. Once; a second one is `abandon`. */
  stop(signal: NodeJS.Signals): void
  abandon(): void
  /** SIGHUP. */
  reload(): void
}

/**
 * Listens to signals. A third one to end does what it does by itself: it ends the process, whatever it is at.
 *
 * @returns stops listening
 */
export function onSignals(asked: Asked): () => void {
  let ends = 0
  const end = (signal: NodeJS.Signals) => {
    ends++
    if (ends === 1) asked.stop(signal)
    else if (ends === 2) asked.abandon()
    else {
      release()
      process.kill(process.pid, signal)
    }
  }
  const release = () => {
    process.off('SIGTERM', end)
    process.off('SIGINT', end)
    process.off('SIGHUP', asked.reload)
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  process.on('SIGHUP', asked.reload)
  return release
}
