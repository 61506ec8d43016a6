// @ts-check
/** Writes docs/detection.schema.json, and the tables of docs/detection.md: keys of a file of rules, and of each kind of rule. */
import { writeFileSync } from 'node:fs'
import { ruleGroups } from '../packages/hivetap/dist/agent/config/keys-of-schema.js'
import { publishedRulesSchema } from '../packages/hivetap/dist/agent/config/published-schema.js'
import { detectFileSchema } from '../packages/hivetap/dist/sinks/detect/config.js'
import { keyTable } from './config-tables.mjs'
import { writeSection } from './generated-section.mjs'
import { ROOT } from './root.mjs'

const schema = JSON.stringify(publishedRulesSchema(), undefined, 2)
writeFileSync(`${ROOT}/docs/detection.schema.json`, `${schema}\n`)
const options = { prefix: '', flags: false, other: 'see the schema' }
writeSection(
  `${ROOT}/docs/detection.md`,
  'keys',
  ruleGroups(detectFileSchema)
    .map((group) => keyTable(group, options))
    .join('\n\n'),
)
process.stdout.write('docs/detection.schema.json\ndocs/detection.md\n')
