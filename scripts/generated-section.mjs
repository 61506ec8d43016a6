// @ts-check
import { readFileSync, writeFileSync } from 'node:fs'

/**
 * The part of a page between `<!-- name:begin -->` and `<!-- name:end -->`, which a program writes.
 *
 * @param {string} path
 * @param {string} name
 */
export function readSection(path, name) {
  const { text, begin, end } = find(path, name)
  return text.slice(begin, end).trim()
}

/**
 * @param {string} path
 * @param {string} name
 * @param {string} content
 */
export function writeSection(path, name, content) {
  const { text, begin, end } = find(path, name)
  writeFileSync(path, `${text.slice(0, begin)}\n${content}\n${text.slice(end)}`)
}

/**
 * @param {string} path
 * @param {string} name
 */
function find(path, name) {
  const text = readFileSync(path, 'utf8')
  const opening = `<!-- ${name}:begin -->`
  const begin = text.indexOf(opening)
  const end = text.indexOf(`<!-- ${name}:end -->`)
  if (begin < 0 || end < begin) throw new Error(`${path} has no section ${name}`)
  return { text, begin: begin + opening.length, end }
}
