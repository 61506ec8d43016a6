import type { z } from 'zod'
import { ConfigError, pathText } from './config-error.js'
import { describeIssues } from './issues.js'
import { keysAt } from './keys-at.js'
import { readConfigFile } from './read-file.js'
import { parseYaml } from './yaml-source.js'

/**
 * Reads a file of YAML that is all of one schema.
 *
 * @throws {ConfigError} with everything that is wrong with it, and where
 */
export async function readYaml<S extends z.ZodType>(schema: S, path: string): Promise<z.output<S>> {
  const source = parseYaml(await readConfigFile(path), path)
  const value = source.value ?? {}
  const read = schema.safeParse(value, { reportInput: true })
  if (read.success) return read.data
  const problems = describeIssues(read.error.issues, (at) => keysAt(schema, value, at))
  throw new ConfigError(
    problems.map(({ path: at, message }) => ({
      where: source.placeOf(at).where,
      key: pathText(at),
      message,
    })),
  )
}
