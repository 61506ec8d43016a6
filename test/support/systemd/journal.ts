import type { Machine } from './machine.js'

/** A record of the journal. */
export interface JournalRecord {
  readonly text: string
  /** As syslog numbers it: 3 is an error, 6 is information. */
  readonly priority: number
  readonly pid: number
}

/** All that a machine's journal has of a unit, in order. */
export async function journalOf(machine: Machine, unit: string): Promise<JournalRecord[]> {
  // What was written before is in it then.
  await machine.run('journalctl', '--sync')
  const { stdout } = await machine.run('journalctl', '-u', unit, '-o', 'json', '--no-pager')
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const record = JSON.parse(line) as Readonly<Record<string, string>>
      const { MESSAGE: text = '', PRIORITY, _PID } = record
      return { text, priority: Number(PRIORITY), pid: Number(_PID) }
    })
}
