import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type JournalRecord, journalOf } from './journal.js'
import type { Done, Machine } from './machine.js'

const UNIT = fileURLToPath(new URL('../../../deploy/systemd/hivetap.service', import.meta.url))
const NAME = 'hivetap.service'
const PLACE = '/etc/systemd/system'
const DROP_INS = `${PLACE}/${NAME}.d`
const STATE = '/var/lib/hivetap'
const PATIENCE_MS = 90_000

/** The agent's service in a machine: the unit as it is published, and what systemd says of it. */
export class Service {
  readonly #machine: Machine
  /** Where the agent of these tests writes its events, as this host has the path. */
  readonly events: string
  /** Lines of the journal that were there before. */
  #before = 0

  /** Installs and enables the unit, as docs/agent.md says: systemd knows of it then while it does not run, too. */
  static async install(machine: Machine): Promise<Service> {
    copyFileSync(UNIT, machine.path(`${PLACE}/${NAME}`))
    const service = new Service(machine)
    await service.systemctl('daemon-reload')
    await service.systemctl('enable', NAME)
    return service
  }

  private constructor(machine: Machine) {
    this.#machine = machine
    this.events = machine.path(`${STATE}/events.jsonl`)
  }

  /** Writes its configuration. */
  configure(text: string): void {
    mkdirSync(this.#machine.path('/etc/hivetap'), { recursive: true })
    writeFileSync(this.#machine.path('/etc/hivetap/hivetap.yaml'), text)
  }

  /** Adds settings of [Service] to the unit, in place of those that were added before. */
  async override(settings: string): Promise<void> {
    mkdirSync(this.#machine.path(DROP_INS), { recursive: true })
    writeFileSync(this.#machine.path(`${DROP_INS}/test.conf`), `[Service]\n${settings}\n`)
    await this.systemctl('daemon-reload')
  }

  /** Ends it, and takes back what it left and what was set for it. */
  async reset(): Promise<void> {
    await this.#machine.run('systemctl', 'kill', '-s', 'KILL', NAME)
    await this.#machine.run('systemctl', 'stop', NAME)
    for (const path of [DROP_INS, STATE])
      if (existsSync(this.#machine.path(path))) rmSync(this.#machine.path(path), { recursive: true })
    await this.systemctl('daemon-reload')
    await this.#machine.run('systemctl', 'reset-failed', NAME)
    this.#before += (await this.journal()).length
  }

  /** @throws what systemctl and the journal say if it fails */
  async systemctl(...words: readonly string[]): Promise<void> {
    const { status, stdout, stderr } = await this.#machine.run('systemctl', ...words)
    if (status !== 0)
      throw new Error(`systemctl ${words.join(' ')}: ${stderr}${stdout}\n${await this.#journalText()}`)
  }

  start(): Promise<void> {
    return this.systemctl('start', NAME)
  }

  /** Starts it where it is not to come up. */
  tryStart(): Promise<Done> {
    return this.#machine.run('systemctl', 'start', NAME)
  }

  reload(): Promise<void> {
    return this.systemctl('reload', NAME)
  }

  stop(): Promise<void> {
    return this.systemctl('stop', NAME)
  }

  /** Sends a signal to the main process alone. */
  signal(name: 'STOP' | 'KILL'): Promise<void> {
    return this.systemctl('kill', '--kill-who=main', '-s', name, NAME)
  }

  /** What systemd says of properties of the unit. */
  async show<Name extends string>(...names: readonly Name[]): Promise<Readonly<Record<Name, string>>> {
    const { stdout } = await this.#machine.run('systemctl', 'show', '-p', names.join(','), NAME)
    const pairs = stdout
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
    return Object.fromEntries(pairs) as Record<Name, string>
  }

  async property(name: string): Promise<string> {
    return (await this.show(name))[name] ?? ''
  }

  /** When it was up, as systemd has it: milliseconds since 1970. */
  async activeSinceMs(): Promise<number> {
    const { stdout } = await this.#machine.run(
      'systemctl',
      'show',
      '--timestamp=us+utc',
      '--value',
      '--property=ActiveEnterTimestamp',
      NAME,
    )
    // Sat 2026-11-28 22:32:44.699582 UTC
    const [, day, time] = stdout.split(' ')
    return Date.parse(`${day}T${time?.slice(0, 12)}Z`)
  }

  /** Resolves once a property is as wanted, with what it is. */
  async until(name: string, isWanted: (value: string) => boolean): Promise<string> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const value = await this.property(name)
      if (isWanted(value)) return value
      if (Date.now() > deadline) throw new Error(`${name} is ${value}\n${await this.#journalText()}`)
      await sleep(100)
    }
  }

  /** Resolves once the journal has a line with a text. */
  async untilSaid(part: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    while (!(await this.#journalText()).includes(part)) {
      if (Date.now() > deadline) throw new Error(`no line has ${part}\n${await this.#journalText()}`)
      await sleep(100)
    }
  }

  /** All that the journal has of it since `reset`: of its processes, and of systemd about it. */
  async journal(): Promise<JournalRecord[]> {
    return (await journalOf(this.#machine, NAME)).slice(this.#before)
  }

  /** What systemd itself says of it in the journal. */
  async ownWords(): Promise<string[]> {
    return (await this.journal()).filter(({ pid }) => pid === 1).map(({ text }) => text)
  }

  /** What its own processes say as errors. */
  async errors(): Promise<string[]> {
    return (await this.journal())
      .filter(({ pid, priority }) => pid !== 1 && priority === 3)
      .map(({ text }) => text)
  }

  async #journalText(): Promise<string> {
    return (await this.journal()).map(({ text }) => text).join('\n')
  }
}
