import { commentText, propertyKey, propertyOf, quote } from './typescript-text.js'

/** What of a struct has a property in TypeScript. */
export interface StructField {
  readonly name: string
  readonly property: string
  readonly type: string
  readonly doc: string | undefined
  readonly optional: boolean
  /** The list of labels of one that is an enum. */
  readonly labels: string | undefined
  /** How it is read, as source text; and written, from an expression. */
  readonly read: () => string
  readonly write: (value: string) => string
}

/** A struct as it is to be declared. */
export interface StructText {
  /** `struct point` */
  readonly cName: string
  readonly names: { readonly value: string; readonly type: string; readonly fields: string }
  readonly codecType: string
  /** Bytes that it takes; with a tail, at least. */
  readonly size: number
  /** Where a struct ends at most whose records are as long as what they hold, and what to look at before one is read. */
  readonly tail?: { readonly end: number; readonly check: readonly string[] }
  readonly writable: boolean
  readonly fields: readonly StructField[]
}

/** The source text of a struct: its interface, the list of its fields, its codec. */
export function declareStruct(struct: StructText): string {
  const { names, size, tail, fields } = struct
  const what = commentText(`\`${struct.cName}\``)
  return [
    `/** ${what}, ${tail === undefined ? size : `${size} to ${tail.end}`} bytes. */`,
    `export interface ${names.type} {`,
    ...fields.flatMap(({ property, type, doc }) => [
      ...(doc === undefined ? [] : [`  /** ${commentText(doc)}. */`]),
      `  readonly ${propertyKey(property)}: ${type}`,
    ]),
    '}',
    '',
    `/** The fields of ${what}: their names in C and here, and what they are. */`,
    `export const ${names.fields} = [`,
    ...fields.map(describeField),
    '] as const',
    '',
    `/** Reads${struct.writable ? ' and writes' : ''} ${what}. */`,
    `export const ${names.value}: ${struct.codecType}<${names.type}> = {`,
    `  size: ${size},`,
    ...reader(struct),
    ...writer(struct),
    '}',
  ].join('\n')
}

function describeField({ name, property, type, doc, optional, labels }: StructField): string {
  const entries = [
    `name: ${quote(name)}`,
    `property: ${quote(property)}`,
    `type: ${quote(type)}`,
    `doc: ${quote(doc ?? '')}`,
    `optional: ${optional}`,
    ...(labels === undefined ? [] : [`labels: ${labels}`]),
  ]
  return `  { ${entries.join(', ')} },`
}

function reader({ fields, tail }: StructText): string[] {
  const properties = fields.map(({ property, read }) => `${propertyKey(property)}: ${read()},`)
  if (tail === undefined)
    return ['  read: (view, at) => ({', ...properties.map((line) => `    ${line}`), '  }),']
  return [
    '  read: (view, at, length) => {',
    ...tail.check.map((line) => `    ${line}`),
    '    return {',
    ...properties.map((line) => `      ${line}`),
    '    }',
    '  },',
  ]
}

function writer({ fields, writable }: StructText): string[] {
  if (!writable) return []
  return [
    '  write: (view, at, value) => {',
    ...fields.map(({ property, write }) => `    ${write(propertyOf('value', property))}`),
    '  },',
  ]
}
