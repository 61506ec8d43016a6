// @ts-check
/** Writes docs/agent.schema.json, and the reference of all keys in docs/agent.md. */
import { writeFileSync } from 'node:fs'
import { agentKeys } from '../packages/hivetap/dist/agent/config/keys-of-schema.js'
import { publishedSchema } from '../packages/hivetap/dist/agent/config/published-schema.js'
import { toolOptions } from '../packages/hivetap/dist/agent/config/tool-options.js'
import { DESTINATION_KINDS } from '../packages/hivetap/dist/agent/destination-kinds.js'
import { TOOLS } from '../packages/hivetap/dist/probes/tools.js'
import { writeSection } from './generated-section.mjs'
import { ROOT } from './root.mjs'

/** @typedef {import('../packages/hivetap/dist/agent/config/config-key.js').ConfigKey} ConfigKey */
/** @typedef {import('../packages/hivetap/dist/agent/config/config-key.js').KeyGroup} KeyGroup */

writeFileSync(`${ROOT}/docs/agent.schema.json`, `${JSON.stringify(publishedSchema(), undefined, 2)}\n`)
writeSection(
  `${ROOT}/docs/agent.md`,
  'keys',
  [...agentKeys(DESTINATION_KINDS).map(group), tools()].join('\n\n'),
)
process.stdout.write('docs/agent.schema.json\ndocs/agent.md\n')

/** @param {KeyGroup} of */
function group({ name, help, sink, keys }) {
  const title = sink === undefined ? name || 'The agent' : `A sink of type ${sink}`
  const prefix = sink === undefined ? '' : 'sinks[].'
  return [
    `### ${title}`,
    '',
    ...(help === '' ? [] : [`${help}.`, '']),
    ...(keys.length === 0
      ? ['It has no keys but `type` and `name`.']
      : [
          '| key | flag | value | default | what for |',
          '|---|---|---|---|---|',
          ...keys.map((key) => row(key, prefix)),
        ]),
  ].join('\n')
}

/**
 * @param {ConfigKey} key
 * @param {string} prefix
 */
function row({ path, flag, type, value, choices, default: usual, required, help }, prefix) {
  const values =
    choices !== undefined
      ? choices.map(code).join(', ')
      : type === 'boolean'
        ? '`true`, `false`'
        : code(value)
  const cells = [
    code(`${prefix}${path.join('.')}`),
    flag === undefined ? 'in a file alone' : code(flag),
    type === 'texts' ? `a list of ${values}` : type === 'other' ? 'see the schema' : values,
    required ? '**must be said**' : usual === undefined ? '' : code(usual),
    help,
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

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
    '',
    '| tool | option | value | what for |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')
}

/** @param {string} text */
function code(text) {
  return `\`${text}\``
}
