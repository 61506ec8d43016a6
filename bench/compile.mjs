// @ts-check
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from '../scripts/root.mjs'

/** Where programs that a benchmark needs are put, and what they write. */
export const WORK = join(ROOT, '.cache/bench')

/**
 * Compiles a C program of a benchmark.
 *
 * @param {string} source path below bench/
 * @param {readonly string[]} [flags] libraries, and how it is linked
 * @returns {string} path of the program
 */
export function compile(source, flags = []) {
  const program = join(WORK, source.replace(/\.c$/, ''))
  mkdirSync(dirname(program), { recursive: true })
  execFileSync('gcc', ['-O2', '-Wall', '-o', program, join(ROOT, 'bench', source), ...flags], {
    stdio: 'inherit',
  })
  return program
}

/** Compiles the program that makes connections. */
export function compileStorm() {
  return compile('connects/storm.c', ['-lpthread'])
}
