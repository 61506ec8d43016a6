import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { alertOf, episode } from '../../../../../../test/support/alerts.js'
import { LinesDestination } from '../../stdout/lines-destination.js'
import { alertText } from '../alert-text.js'
import { DestinationAlertSink } from '../destination-alert-sink.js'
import { ALERT_LINES } from './stdout-alerts.js'

const { signal } = new AbortController()
const directories: string[] = []
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true })
})

it.each(['text', 'json'] as const)('alerts as %s are lines', async (format) => {
  const directory = mkdtempSync(join(tmpdir(), 'hivetap-alerts-'))
  directories.push(directory)
  const path = join(directory, 'out')
  const sink = new DestinationAlertSink(
    new LinesDestination('stdout', openSync(path, 'a')),
    ALERT_LINES[format],
  )
  const alerts = [...episode('a'), alertOf({ alert_id: 'b' })]
  await sink.tell(alerts.slice(0, 2), signal)
  await sink.tell(alerts.slice(2), signal)
  await sink.tell([], signal)
  await sink.close()
  const written = readFileSync(path, 'utf8')
  if (format === 'text') expect(written).toBe(alerts.map((alert) => `${alertText(alert)}\n`).join(''))
  else
    expect(
      written
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(alerts)
})
