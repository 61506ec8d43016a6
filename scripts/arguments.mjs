// @ts-check
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * Reads a script's arguments. With `--help` it prints the comment at the script's head, which says what there is, and ends; of what it
 * does not know it says so, and ends with 2.
 *
 * @template {import('node:util').ParseArgsConfig} Config
 * @param {string} url the script's `import.meta.url`
 * @param {Config} config as node:util's parseArgs takes it
 * @returns {ReturnType<typeof parseArgs<Config>>}
 */
export function readArguments(url, config) {
  const args = process.argv.slice(2)
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${headOf(readFileSync(fileURLToPath(url), 'utf8'))}\n`)
    process.exit(0)
  }
  try {
    return parseArgs(config)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n--help says what there is.\n`)
    process.exit(2)
  }
}

/** The first doc comment of a source, without its stars. @param {string} source */
export function headOf(source) {
  const [, comment = ''] = /\/\*\*(.*?)\*\//s.exec(source) ?? []
  return comment.replaceAll(/^ ?\* ?/gm, '').replaceAll(/^\s*\n|^ +(?=\S)|\s+$/g, '')
}
