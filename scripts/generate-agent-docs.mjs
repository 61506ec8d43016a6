// @ts-check
/** Writes docs/agent.schema.json, and the reference of all keys in docs/agent.md. */
import { writeFileSync } from 'node:fs'
import { agentKeys } from '../packages/hivetap/dist/agent/config/keys-of-schema.js'
import { publishedSchema } from '../packages/hivetap/dist/agent/config/published-schema.js'
import { toolOptions } from '../packages/hivetap/dist/agent/config/tool-options.js'
import { DESTINATION_KINDS } from '../packages/hivetap/dist/agent/destination-kinds.js'
import { TOOLS } from '../packages/hivetap/dist/probes/tools.js'
import { code, keyTable } from './config-tables.mjs'
import { writeSection } from './generated-section.mjs'
import { ROOT } from './root.mjs'

writeFileSync(`${ROOT}/docs/agent.schema.json`, `${JSON.stringify(publishedSchema(), undefined, 2)}\n`)
const groups = agentKeys(DESTINATION_KINDS).map((group) =>
  keyTable(group, {
    prefix: group.sink === undefined ? '' : 'sinks[].',
    flags: true,
    other: 'see the schema',
  }),
)
writeSection(`${ROOT}/docs/agent.md`, 'keys', [...groups, tools()].join('\n\n'))
process.stdout.write('docs/agent.schema.json\ndocs/agent.md\n')

/** The options of each tool, below `options`. */
function tools() {
  const rows = TOOLS.flatMap((tool) =>
    toolOptions(tool).map(
      ({ key, value, help }) =>
        `| ${tool.name} | ${code(key)} | ${value === undefined ? '`true`' : code(value)} | ${help} |`,
    ),
  )
  return [
    '### Options of a tool',
    '',
    'Below `options` of an entry of `tools`: the tool’s own flags, by the words of their long names.',
    'Beside `options`, `required: true` says that the agent is not to run without the tool.',
    '',
    '| tool | option | value | what for |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')
}
