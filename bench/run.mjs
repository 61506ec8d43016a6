// @ts-check
/**
 * Measures, and prints tables: `npm run bench [-- NAME …] [-- --write]`. Names are those of the folders here. With
 * `--write` what was printed is put into docs/benchmarks.md too.
 */
import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { readArguments } from '../scripts/arguments.mjs'
import { writeSection } from '../scripts/generated-section.mjs'
import { ROOT } from '../scripts/root.mjs'
import * as agent from './agent/bench.mjs'
import * as clusterMemory from './cluster-memory/bench.mjs'
import * as connectRate from './connect-rate/bench.mjs'
import * as connects from './connects/bench.mjs'
import * as detect from './detect/bench.mjs'
import * as detectInput from './detect-input/bench.mjs'
import * as duckdbIn from './duckdb-in/bench.mjs'
import * as execs from './execs/bench.mjs'
import { figureTable } from './figure.mjs'
import * as idle from './idle/bench.mjs'
import * as kafka from './kafka/bench.mjs'
import * as kernelTime from './kernel-time/bench.mjs'
import * as latency from './latency/bench.mjs'
import * as ringBuffer from './ring-buffer/bench.mjs'
import * as spool from './spool/bench.mjs'
import * as start from './start/bench.mjs'

/** @type {Record<string, import('./figure.mjs').Bench>} */
const BENCHES = {
  'ring-buffer': ringBuffer,
  connects,
  'connect-rate': connectRate,
  execs,
  start,
  latency,
  idle,
  kafka,
  agent,
  'cluster-memory': clusterMemory,
  spool,
  'kernel-time': kernelTime,
  'duckdb-in': duckdbIn,
  'detect-input': detectInput,
  detect,
}

const { values, positionals } = readArguments(import.meta.url, {
  allowPositionals: true,
  options: { write: { type: 'boolean', default: false } },
})
const unknown = positionals.filter((name) => !(name in BENCHES))
if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark ${unknown.join(', ')}: ${Object.keys(BENCHES).join(', ')}.\n`)
  process.exit(2)
}
if (process.getuid?.() !== 0) {
  process.stderr.write('Benchmarks load BPF programs, and bpftrace: run them as root.\n')
  process.exit(2)
}
const page = join(ROOT, 'docs/benchmarks.md')
const machine = machineLine()
print(machine)
if (values.write) writeSection(page, 'machine', machine)
let missed = 0
for (const [name, { title, about, run }] of Object.entries(BENCHES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  process.stderr.write(`${name} …\n`)
  const figures = await run()
  missed += figures.filter(({ reached }) => !reached).length
  const table = figureTable(figures)
  print(`## ${title}\n\n${about}\n\n    npm run bench -- ${name}\n\n${table}`)
  if (values.write) writeSection(page, name, `${about}\n\n    npm run bench -- ${name}\n\n${table}`)
}
print(missed === 0 ? 'All figures were reached.' : `${missed} figures were missed.`)

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n\n`)
}

function machineLine() {
  const bpftrace = version('bpftrace', ['--version'])
  const libbpf = version('dpkg-query', ['-W', '-f', 'libbpf $' + '{Version}', 'libbpf-dev'])
  const gib = Math.round(totalmem() / 2 ** 30)
  return `Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model}, ${gib} GiB, Node ${process.version}, ${bpftrace}, ${libbpf}.`
}

/** @param {string} command @param {readonly string[]} args */
function version(command, args) {
  return execFileSync(command, args, { encoding: 'utf8' }).trim()
}
