// @ts-check
/** Writes docs/alert.schema.json, and the tables of docs/alerts.md: keys of the sinks of alerts, and fields of templates. */
import { writeFileSync } from 'node:fs'
import { sinkGroup } from '../packages/hivetap/dist/agent/config/keys-of-schema.js'
import { alertSchema } from '../packages/hivetap/dist/sinks/alerts/alert-schema.js'
import { ALERT_SINK_KINDS } from '../packages/hivetap/dist/sinks/alerts/alert-sink-kinds.js'
import { ALERT_FIELDS } from '../packages/hivetap/dist/sinks/alerts/template/alert-fields.js'
import { keyTable } from './config-tables.mjs'
import { writeSection } from './generated-section.mjs'
import { ROOT } from './root.mjs'

const PAGE = `${ROOT}/docs/alerts.md`

writeFileSync(`${ROOT}/docs/alert.schema.json`, `${JSON.stringify(alertSchema(), undefined, 2)}\n`)
const groups = ALERT_SINK_KINDS.map(({ type, config }) => sinkGroup(type, config))
writeSection(
  PAGE,
  'keys',
  groups.map((group) => keyTable(group, { prefix: '', flags: false, other: 'a map' })).join('\n\n'),
)
writeSection(
  PAGE,
  'fields',
  [
    '| field | what it is |',
    '|---|---|',
    ...Object.entries(ALERT_FIELDS).map(([name, { doc }]) => `| \`{{${name}}}\` | ${doc} |`),
  ].join('\n'),
)
process.stdout.write('docs/alert.schema.json\ndocs/alerts.md\n')
