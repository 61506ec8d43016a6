// @ts-check
/** Tables of configuration keys, for reference pages. */

/** @typedef {import('../packages/hivetap/dist/agent/config/config-key.js').ConfigKey} ConfigKey */
/** @typedef {import('../packages/hivetap/dist/agent/config/config-key.js').KeyGroup} KeyGroup */

/**
 * @typedef {object} TableOptions
 * @property {string} prefix what stands before each key
 * @property {boolean} flags whether keys have flags
 * @property {string} other what is said of a value that is neither text nor number
 */

/**
 * The table of a group of keys, with its title.
 *
 * @param {KeyGroup} of
 * @param {TableOptions} options
 */
export function keyTable({ name, help, sink, keys }, options) {
  const title = sink === undefined ? name || 'The agent' : `A sink of type ${sink}`
  return [
    `### ${title}`,
    '',
    ...(help === '' ? [] : [`${help}.`, '']),
    ...(keys.length === 0
      ? ['It has no keys but `type` and `name`.']
      : [
          line('key', options.flags ? 'flag' : undefined, 'value', 'default', 'what for'),
          options.flags ? '|---|---|---|---|---|' : '|---|---|---|---|',
          ...keys.map((key) => row(key, options)),
        ]),
  ].join('\n')
}

/**
 * @param {ConfigKey} key
 * @param {TableOptions} options
 */
function row({ path, flag, type, value, choices, default: usual, required, help }, { prefix, flags, other }) {
  const values =
    choices !== undefined
      ? choices.map(code).join(', ')
      : type === 'boolean'
        ? '`true`, `false`'
        : code(value)
  return line(
    code(`${prefix}${path.join('.')}`),
    !flags ? undefined : flag === undefined ? 'in a file alone' : code(flag),
    type === 'texts' ? `a list of ${values}` : type === 'other' ? other : values,
    required ? '**must be said**' : usual === undefined ? '' : code(usual),
    help,
  )
}

/** @param {(string | undefined)[]} cells those that are `undefined` are left out */
function line(...cells) {
  return `| ${cells.flatMap((cell) => cell?.replaceAll('|', '\\|') ?? []).join(' | ')} |`
}

/** @param {string} text */
export function code(text) {
  return `\`${text}\``
}
