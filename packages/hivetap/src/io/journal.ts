import { fstatSync } from 'node:fs'

/** Where a line stands in the journal of systemd: the priorities of syslog(3). */
export const JOURNAL_PRIORITY = { error: 3, warn: 4, info: 6, debug: 7 } as const
export type JournalLevel = keyof typeof JOURNAL_PRIORITY

/**
 * Whether what is written to a descriptor goes to the journal: systemd says in `$JOURNAL_STREAM` which stream it made, as
 * `device:inode`. It stays in the environment where a stream was led elsewhere, so the descriptor is looked at (systemd.exec(5)).
 */
export function isJournal(fd: number, env: Readonly<Record<string, string | undefined>>): boolean {
  const stream = env['JOURNAL_STREAM']
  if (stream === undefined || stream === '') return false
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true })
    return stream === `${dev}:${ino}`
  } catch {
    // Closed: nothing goes anywhere.
    return false
  }
}

/** Lines with their priority in front of each, as the journal takes it off again (sd-daemon(3)). */
export function journalLines(level: JournalLevel, text: string): string {
  return text.replace(/(?<=^|\n)(?=[^\n])/g, `<${JOURNAL_PRIORITY[level]}>`)
}
