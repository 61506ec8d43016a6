import { isLabelKey, isLabelValue } from '../pick/labels.js'
import { SelectorError } from './selector-error.js'
import { type SelectorToken, selectorTokens } from './selector-tokens.js'

/** What a label has to be. */
export interface LabelRequirement {
  readonly key: string
  readonly operator: 'in' | 'notin' | 'exists' | 'absent' | '>' | '<'
  /** Those that it may be or may not be; of `>` and `<` the one that it is held against. */
  readonly values: readonly string[]
}

/** As the API server takes integers: 64 bits with a sign. */
const INTEGER = /^[+-]?\d+$/
const MOST_INTEGER = 2n ** 63n

/**
 * Reads a label selector, in the grammar of `kubectl get -l`, with all its corners: requirements that all have to be met, with a
 * comma between them. `app=web`, `app==web`, `app!=web`, `app in (web, api)`, `app notin (web)`, `app`, `!app`, `size>3`,
 * `size<9`. A value may be empty. An empty text asks for nothing.
 *
 * @throws {SelectorError} that says what is wrong, and where
 */
export function parseLabelSelector(text: string): readonly LabelRequirement[] {
  return new Parser(text).requirements()
}

class Parser {
  readonly #text: string
  readonly #tokens: readonly SelectorToken[]
  #at = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = selectorTokens(text)
  }

  requirements(): readonly LabelRequirement[] {
    const all: LabelRequirement[] = []
    if (this.#next().kind === 'end') return all
    while (true) {
      all.push(this.#requirement())
      const token = this.#take()
      if (token.kind === 'end') return all
      if (token.kind !== ',') this.#fail(token, 'a comma or the end')
    }
  }

  #requirement(): LabelRequirement {
    const isAbsent = this.#next().kind === '!'
    if (isAbsent) this.#take()
    const key = this.#key(isAbsent)
    if (isAbsent) return { key, operator: 'absent', values: [] }
    const { kind } = this.#next()
    if (kind === 'end' || kind === ',') return { key, operator: 'exists', values: [] }
    const operator = this.#take()
    switch (operator.kind === 'word' ? operator.text : operator.kind) {
      case 'in':
      case 'notin':
        return { key, operator: operator.text as 'in' | 'notin', values: this.#values() }
      case '=':
      case '==':
        return { key, operator: 'in', values: [this.#value()] }
      case '!=':
        return { key, operator: 'notin', values: [this.#value()] }
      case '>':
      case '<':
        return { key, operator: operator.kind as '>' | '<', values: [this.#integer()] }
      default:
        return this.#fail(operator, '=, ==, !=, in, notin, <, >, a comma or the end')
    }
  }

  #key(isAbsent: boolean): string {
    const token = this.#take()
    if (token.kind !== 'word')
      this.#fail(token, isAbsent ? 'the name of a label' : 'the name of a label, or !')
    if (!isLabelKey(token.text))
      this.#refuse(
        token,
        'is no name of a label: up to 63 letters, digits, -, _ and ., with a letter or digit at both ends; before it there may be a domain and /',
      )
    return token.text
  }

  #values(): readonly string[] {
    const open = this.#take()
    if (open.kind !== '(') this.#fail(open, '(')
    if (this.#next().kind === ')') {
      this.#take()
      return ['']
    }
    const values = new Set<string>()
    while (true) {
      const token = this.#take()
      if (token.kind === 'word') {
        values.add(this.#checked(token))
        const next = this.#next()
        if (next.kind !== ',' && next.kind !== ')') this.#fail(next, 'a comma or )')
        if (next.kind === ')') break
      } else if (token.kind === ',') {
        // Nothing between two commas, or between one and a bracket, is the empty value.
        if (values.size === 0) values.add('')
        if (this.#next().kind === ')') {
          values.add('')
          break
        }
        if (this.#next().kind === ',') {
          this.#take()
          values.add('')
        }
      } else this.#fail(token, 'a value or a comma')
    }
    this.#take()
    return [...values]
  }

  #value(): string {
    const { kind } = this.#next()
    if (kind === 'end' || kind === ',') return ''
    const token = this.#take()
    return token.kind === 'word' ? this.#checked(token) : this.#fail(token, 'a value')
  }

  #integer(): string {
    const token = this.#next()
    const value = this.#value()
    if (integerOf(value) === undefined) this.#refuse(token, 'is no whole number of 64 bits')
    return value
  }

  #checked(token: SelectorToken): string {
    if (!isLabelValue(token.text))
      this.#refuse(
        token,
        'is no value of a label: up to 63 letters, digits, -, _ and ., with a letter or digit at both ends',
      )
    return token.text
  }

  #next(): SelectorToken {
    // The end is never passed: it stands last.
    return this.#tokens[this.#at] as SelectorToken
  }

  #take(): SelectorToken {
    const token = this.#next()
    if (token.kind !== 'end') this.#at++
    return token
  }

  #fail({ kind, text, at }: SelectorToken, expected: string): never {
    const found = kind === 'end' ? 'the end' : JSON.stringify(text)
    throw new SelectorError(`${this.#place(at)}: there is ${found}, where ${expected} should be`)
  }

  #refuse({ text, at }: SelectorToken, what: string): never {
    throw new SelectorError(`${this.#place(at)}: ${JSON.stringify(text)} ${what}`)
  }

  #place(at: number): string {
    return `label selector ${JSON.stringify(this.#text)}, character ${at + 1}`
  }
}

/** @returns `undefined` if the text is none */
export function integerOf(text: string): bigint | undefined {
  if (!INTEGER.test(text)) return undefined
  const value = BigInt(text.replace(/^\+/, ''))
  return value >= -MOST_INTEGER && value < MOST_INTEGER ? value : undefined
}
