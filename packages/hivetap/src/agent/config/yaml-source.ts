import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml'
import { ConfigError, type ConfigProblem } from './config-error.js'

/** What aliases may stand for, in nodes. */
const MOST_ALIASES = 100

/** A place in a file. */
export interface Place {
  /** `FILE:LINE:COLUMN` */
  readonly where: string
  readonly offset: number
}

/** A file of YAML: what it says, and where it says it. */
export interface YamlSource {
  readonly value: unknown
  /** Where the key at a path stands; where it does not stand there, what it would stand in. */
  placeOf(path: readonly PropertyKey[]): Place
}

/**
 * Reads YAML 1.2.
 *
 * @param name what the file is called in errors
 * @throws {ConfigError} if it is not: with all places at which it is not
 */
export function parseYaml(text: string, name: string): YamlSource {
  const lines = new LineCounter()
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${name}:${Math.max(line, 1)}:${Math.max(col, 1)}`
  }
  const document = parse(text, name, lines)
  const problems: ConfigProblem[] = [...document.errors, ...document.warnings].map(
    ({ pos, code, message }) => ({
      where: place(pos[0]),
      key: '',
      message: /call stack/.test(message)
        ? TOO_DEEP
        : (PLAIN[code] ?? `is no YAML: ${message.replaceAll(/\s+/g, ' ')}`),
    }),
  )
  if (problems.length > 0) throw new ConfigError(problems)
  return { value: toValue(document, name), placeOf: (path) => placeAt(document, path, place) }
}

/** The parser calls itself for each list in a list, and some of what it throws for it becomes an error of the document. */
const TOO_DEEP = 'cannot be read: too many lists or maps in each other'

const PLAIN: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key stands there twice',
  MULTIPLE_DOCS: 'a second document begins here: a configuration is one',
  TAG_RESOLVE_FAILED: 'tags are not known',
}

function parse(text: string, name: string, lineCounter: LineCounter): Document {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw failure(name, TOO_DEEP, error)
  }
}

function toValue(document: Document, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES })
  } catch (error) {
    throw failure(name, `cannot be read: ${(error as Error).message}`, error)
  }
}

function failure(where: string, message: string, cause?: unknown): ConfigError {
  return new ConfigError([{ where, key: '', message }], { cause })
}

function placeAt(document: Document, path: readonly PropertyKey[], place: (offset: number) => string): Place {
  let node: unknown = document.contents
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document)
    const found: { at: unknown; value: unknown } | undefined = isMap(node)
      ? pairNamed(node.items, part)
      : isSeq(node)
        ? { at: node.items[Number(part)], value: node.items[Number(part)] }
        : undefined
    const range = isNode(found?.at) ? (found.at as Node).range : undefined
    if (found === undefined || range == null) break
    offset = range[0]
    node = found.value
  }
  return { where: place(offset), offset }
}

function pairNamed(items: readonly Pair[], name: PropertyKey): { at: unknown; value: unknown } | undefined {
  const pair = items.find(({ key }) => isScalar(key) && String(key.value) === String(name))
  return pair === undefined ? undefined : { at: pair.key, value: pair.value }
}
