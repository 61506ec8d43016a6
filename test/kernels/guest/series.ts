import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type End, Run } from '../../support/hivetap.js'
import type { Condition } from './conditions.mjs'

const CHILD = fileURLToPath(new URL('./series-child.js', import.meta.url))

/** Runs of hivetap under a condition, one after the other in one process. */
export class Series {
  readonly #condition: Condition
  #child: ChildProcess | undefined

  constructor(condition: Condition) {
    this.#condition = condition
  }

  /** The one before it must have ended. */
  start(args: readonly string[]): Run {
    const child = this.#running() ?? this.#spawn()
    const run = new RunOfSeries(child)
    child.stdin?.write(`${JSON.stringify(args)}\n`)
    return run
  }

  async stop(): Promise<void> {
    const child = this.#running()
    if (child === undefined) return
    child.stdin?.end()
    await once(child, 'close')
  }

  #running(): ChildProcess | undefined {
    const child = this.#child
    return child?.exitCode === null && child.signalCode === null ? child : undefined
  }

  #spawn(): ChildProcess {
    const { prefix, env } = this.#condition
    const [command = '', ...args] = [...prefix, process.execPath, CHILD]
    const child = spawn(command, args, { env: { ...process.env, ...env } })
    child.stdout.setEncoding('utf8')
    child.stderr.setEncoding('utf8')
    // A child that is gone is seen by its end.
    child.stdin.on('error', () => undefined)
    this.#child = child
    return child
  }
}

const END = /##END (\d+)\n$/

class RunOfSeries extends Run {
  readonly #child: ChildProcess
  #end: End | undefined
  readonly #isOver: Promise<unknown>

  constructor(child: ChildProcess) {
    super()
    this.#child = child
    this.#isOver = new Promise<void>((resolve) => {
      const onOut = (text: string) => {
        this.out += text
        look()
      }
      const onErr = (text: string) => {
        this.err += text
        look()
      }
      const finish = (end: End) => {
        child.stdout?.off('data', onOut)
        child.stderr?.off('data', onErr)
        child.off('close', onClose)
        this.#end = end
        resolve()
      }
      const look = () => {
        const [, status] = END.exec(this.out) ?? []
        if (status === undefined || !END.test(this.err)) return
        this.out = this.out.replace(END, '')
        this.err = this.err.replace(END, '')
        finish({ code: Number(status), signal: null })
      }
      const onClose = (code: number | null, signal: NodeJS.Signals | null) => finish({ code, signal })
      child.stdout?.on('data', onOut)
      child.stderr?.on('data', onErr)
      child.on('close', onClose)
    })
  }

  get hasEnded(): boolean {
    return this.#end !== undefined
  }

  async ended(): Promise<End> {
    await this.#isOver
    return this.#end ?? { code: null, signal: null }
  }

  end(signal: NodeJS.Signals = 'SIGINT'): Promise<End> {
    this.#child.kill(signal)
    return this.ended()
  }

  /** With it goes the process: the next run has another. */
  async kill(): Promise<void> {
    if (this.hasEnded) return
    this.#child.kill('SIGKILL')
    await this.#isOver
  }
}
