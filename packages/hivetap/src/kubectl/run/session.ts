import { printable } from '../../stream/printable.js'
import type { Agent } from '../agents/agent.js'
import type { Kubectl, Running } from '../cluster/kubectl.js'
import { startError } from '../cluster/kubectl.js'
import { Lines } from '../merge/lines.js'
import { isKubectlLine, type SessionEnd, sessionEnd } from './session-end.js'
import { readRecord, type SessionRecord } from './session-record.js'

/** Bytes of a line that a node may tell. */
const MOST_LINE = 1 << 20
/** What a node says besides, of which the end is kept, and lines of it that are told. */
const MOST_STDERR = 16 << 10
const MOST_SAID = 100

/** Who is told what a session hears. */
export interface SessionListener {
  /** A record, and the bytes that it took. */
  record(record: SessionRecord, bytes: number): void
  /** A line that is no record. */
  unreadable(): void
  /** A line that hivetap said there. */
  said(text: string): void
}

/** hivetap run once beside an agent, over kubectl exec: it ends when its input does. */
export class Session {
  /** How it ended; nothing more is heard then. */
  readonly ended: Promise<SessionEnd>
  readonly #child: Running
  readonly #listener: SessionListener
  readonly #out = new Lines(MOST_LINE)
  readonly #err = new Lines(MOST_STDERR)
  #tooLong = 0
  #stderr = ''
  #saidLines = 0
  #asked = false

  constructor(kubectl: Kubectl, agent: Agent, words: readonly string[], listener: SessionListener) {
    const { namespace, pod, container, command } = agent
    this.#listener = listener
    this.#child = kubectl.start([
      'exec',
      '--stdin',
      `--namespace=${namespace}`,
      `--container=${container}`,
      pod,
      '--',
      ...command,
      ...words,
    ])
    this.ended = this.#follow()
  }

  /** Asks it to end in order: with its account. */
  stop(): void {
    this.#asked = true
    this.#child.stdin.end()
  }

  /** Ends kubectl; what runs there ends for want of its input. */
  kill(): void {
    this.#child.kill('SIGKILL')
    // What is not read keeps it from being over.
    this.#child.stdout.resume()
  }

  /** Stops reading: what is told waits there, and what there is no room for, is counted there. */
  pause(): void {
    this.#child.stdout.pause()
  }

  resume(): void {
    this.#child.stdout.resume()
  }

  #follow(): Promise<SessionEnd> {
    const { stdin, stdout, stderr } = this.#child
    stdin.on('error', () => undefined)
    stdout.on('data', (bytes: Buffer) => this.#hear(bytes))
    stderr.on('data', (bytes: Buffer) => this.#hearSaid(bytes))
    return new Promise((resolve) => {
      this.#child.on('error', (error) => resolve({ kind: 'lost', reason: startError(error).message }))
      this.#child.on('close', (status) => {
        // Half a line at the end is of a connection that was cut.
        if (this.#out.partial) this.#listener.unreadable()
        resolve(sessionEnd(status, this.#stderr, this.#asked))
      })
    })
  }

  #hear(bytes: Buffer): void {
    for (const line of this.#out.add(bytes)) {
      const record = readRecord(line)
      if (record === undefined) this.#listener.unreadable()
      else this.#listener.record(record, line.byteLength)
    }
    for (; this.#tooLong < this.#out.tooLong; this.#tooLong++) this.#listener.unreadable()
  }

  #hearSaid(bytes: Buffer): void {
    this.#stderr = (this.#stderr + bytes.toString()).slice(-MOST_STDERR)
    for (const line of this.#err.add(bytes)) {
      const text = printable(line.toString())
      if (text.trim() === '' || isKubectlLine(text) || this.#saidLines > MOST_SAID) continue
      this.#saidLines++
      this.#listener.said(this.#saidLines > MOST_SAID ? 'it says more' : text.replace(/^hivetap: /, ''))
    }
  }
}
