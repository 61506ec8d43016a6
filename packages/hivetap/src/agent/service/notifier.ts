import { DatagramSender, monotonicNs } from '@hivetap/bpf'
import type { AgentLog } from '../agent.js'
import { errorText } from '../log/error-text.js'

/** Messages that wait for the supervisor to have room. */
const MOST_WAITING = 8
const AGAIN_MS = 100
/** A status is one line. */
const MOST_STATUS = 500

/**
 * Tells systemd how the service does (sd_notify(3)). Where nobody listens ($NOTIFY_SOCKET is not set) nothing is done; what
 * cannot be told is logged once, and the service goes on.
 */
export class Notifier {
  /** How often the supervisor wants to hear that the service gets on, milliseconds: half of the time that it waits. */
  readonly watchdogMs: number | undefined
  readonly #log: AgentLog
  readonly #sender: DatagramSender | undefined
  readonly #waiting: string[] = []
  #timer: NodeJS.Timeout | undefined
  #status = ''
  #failed = false
  #isStopping = false

  constructor(env: Readonly<Record<string, string | undefined>>, log: AgentLog) {
    this.#log = log
    this.#sender = this.#open(env['NOTIFY_SOCKET'])
    this.watchdogMs = this.#sender === undefined ? undefined : watchdogOf(env)
  }

  /** The service is up, or has read its configuration anew. */
  ready(): void {
    this.#send('READY=1')
  }

  reloading(): void {
    this.#send(`RELOADING=1\nMONOTONIC_USEC=${monotonicNs() / 1000n}`)
  }

  /** Once; again does nothing. */
  stopping(): void {
    if (!this.#isStopping) this.#send('STOPPING=1')
    this.#isStopping = true
  }

  alive(): void {
    this.#send('WATCHDOG=1')
  }

  /** A line that `systemctl status` shows; the same again is not sent. */
  status(text: string): void {
    const line = text.replaceAll(/\p{Cc}/gu, '?').slice(0, MOST_STATUS)
    if (line === this.#status) return
    this.#status = line
    this.#send(`STATUS=${line}`)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#drain()
    this.#sender?.close()
    this.#waiting.length = 0
  }

  #open(name: string | undefined): DatagramSender | undefined {
    if (name === undefined || name === '') return undefined
    try {
      return new DatagramSender(name)
    } catch (error) {
      this.#fail(error)
      return undefined
    }
  }

  #send(message: string): void {
    if (this.#sender === undefined) return
    // They are in order: a READY that waits is told before a STOPPING.
    if (this.#waiting.length === MOST_WAITING) this.#waiting.shift()
    this.#waiting.push(message)
    this.#drain()
  }

  #drain(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    try {
      for (let [message] = this.#waiting; message !== undefined; [message] = this.#waiting) {
        if (this.#sender?.send(message) !== true) {
          this.#timer = setTimeout(() => this.#drain(), AGAIN_MS).unref()
          return
        }
        this.#waiting.shift()
      }
    } catch (error) {
      this.#waiting.length = 0
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return
    this.#failed = true
    this.#log.warn('the supervisor cannot be told how the agent does', { error: errorText(error) })
  }
}

/** Half of $WATCHDOG_USEC, if it is meant for this process (sd_watchdog_enabled(3)). */
function watchdogOf(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const { WATCHDOG_USEC: text = '', WATCHDOG_PID: pid = '' } = env
  if (!/^\d+$/.test(text) || (pid !== '' && pid !== String(process.pid))) return undefined
  const milliseconds = Math.floor(Number(text) / 2000)
  // setTimeout takes 31 bits.
  return milliseconds > 0 ? Math.min(milliseconds, 2 ** 31 - 1) : undefined
}
