import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An alert as Alertmanager itself tells of it: GET /api/v2/alerts. */
export interface SeenAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
  readonly status: { readonly state: string }
}

/** How one is started. */
export interface AlertmanagerOptions {
  /** After how long it takes for over what it is not told of. */
  readonly resolveTimeout?: string
  /** Where it sends notifications: a webhook. */
  readonly notify?: string
  /** Its web.config.file, as YAML: TLS, passwords. */
  readonly web?: string
}

/** Debian's own Alertmanager, on a port that the system gives, with a folder of its own. */
export class Alertmanager {
  readonly #directory = mkdtempSync(join(tmpdir(), 'hivetap-alertmanager-'))
  readonly #args: readonly string[]
  #process: ChildProcess | undefined
  #address = '127.0.0.1:0'

  constructor({ resolveTimeout = '5m', notify, web }: AlertmanagerOptions = {}) {
    const receiver =
      notify === undefined ? '' : `\n    webhook_configs: [{url: '${notify}', send_resolved: true}]`
    const config = `global: {resolve_timeout: ${resolveTimeout}}
route: {receiver: test, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
receivers:
  - name: test${receiver}
`
    writeFileSync(join(this.#directory, 'config.yml'), config)
    writeFileSync(join(this.#directory, 'web.yml'), web ?? '')
    this.#args = [
      `--config.file=${join(this.#directory, 'config.yml')}`,
      `--storage.path=${join(this.#directory, 'data')}`,
      '--cluster.listen-address=',
      ...(web === undefined ? [] : [`--web.config.file=${join(this.#directory, 'web.yml')}`]),
    ]
  }

  /** Where it listens, once it was started; started again, it listens there again. */
  get address(): string {
    return this.#address
  }

  get url(): string {
    return `http://${this.#address}`
  }

  async start(): Promise<void> {
    const child = spawn('prometheus-alertmanager', [...this.#args, `--web.listen-address=${this.#address}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#process = child
    let log = ''
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`Alertmanager ended with ${code}: ${log}`)))
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-4000)
        const [, address] = /msg="?Listening on"? address=(\S+)/.exec(log) ?? []
        if (address === undefined) return
        this.#address = address
        resolve()
      })
    })
    child.removeAllListeners('exit')
  }

  /** What it knows of, and holds to be active. */
  async alerts(): Promise<readonly SeenAlert[]> {
    const answer = await fetch(`${this.url}/api/v2/alerts`)
    return (await answer.json()) as SeenAlert[]
  }

  /** The same, as amtool tells it: summaries by alertname. */
  amtool(): readonly { readonly labels: Readonly<Record<string, string>> }[] {
    const args = [`--alertmanager.url=${this.url}`, 'alert', 'query', '--output=json']
    return JSON.parse(execFileSync('amtool', args, { encoding: 'utf8' })) as SeenAlert[]
  }

  /** Stops it in the middle of what it does: connections stay, and nothing is answered. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  /** Ends it; what it knew of alerts is gone with it. */
  async stop(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  /** Ends it, and leaves nothing behind. */
  async close(): Promise<void> {
    await this.stop()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
