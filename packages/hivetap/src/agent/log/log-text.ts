import { printable } from '../../stream/printable.js'

/** What a line is made of besides its details. */
const OWN = new Set(['level', 'time', 'message'])

/** A line of the log for people: `12:00:01 WARN  message  key=value`. What is not plain is quoted as JSON has it. */
export function logText(line: string): string {
  const record = JSON.parse(line) as Readonly<Record<string, unknown>>
  const time = String(record['time']).slice(11, 19)
  const details = Object.entries(record)
    .filter(([key]) => !OWN.has(key))
    .map(([key, value]) => ` ${key}=${detail(value)}`)
  const gap = details.length === 0 ? '' : ' '
  return `${printable(`${time} ${String(record['level']).toUpperCase().padEnd(5)} ${String(record['message'])}${gap}${details.join('')}`)}\n`
}

function detail(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=]+$/.test(value)) return value
  return JSON.stringify(value)
}
