// @ts-check
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../scripts/root.mjs'
import { boot } from '../../test/kernels/boot.mjs'
import { debianKernel } from '../../test/kernels/debian-kernel.mjs'
import { makeInitramfs } from '../../test/kernels/initramfs.mjs'
import { MODULES } from '../../test/kernels/kernels.mjs'
import { compileStorm, WORK } from '../compile.mjs'
import { median, ratios, spread } from '../figure.mjs'

export const title = 'In the kernel: run time a connect, Linux 6.1'
export const about =
  'Debian’s 6.1 under qemu, without hardware virtualisation: its times are no host’s, their ratio is. ' +
  '`kernel.bpf_stats_enabled` counts how long all BPF programs ran while 3,000 connections were made on loopback, 300 a second; the ' +
  'peer is `tcpconnlat` of Debian’s libbpf-tools. In turns; the middle of five runs, the least and the most.'

const SILENCE_MS = 300_000

/** @typedef {{ tool: string, runTimeNs: number, runs: number, connects: number }} Reading */

/** @type {import('../figure.mjs').Bench['run']} */
export async function run() {
  const kernels = join(ROOT, '.cache/kernels')
  mkdirSync(kernels, { recursive: true })
  const kernel = debianKernel('bookworm', join(kernels, 'bookworm'), MODULES)
  const initramfs = join(WORK, 'kernel-time.cpio')
  makeInitramfs(initramfs, {
    programs: [compileStorm(), '/usr/sbin/tcpconnlat', 'bpftool'],
    scripts: [join(ROOT, 'bench/kernel-time/guest.mjs')],
  })
  /** @type {Reading[]} */
  const readings = []
  /** @type {string[]} */
  const said = []
  await boot({
    image: kernel.image,
    initramfs,
    commandLine: 'hivetap.run=guest.mjs',
    silenceMs: SILENCE_MS,
    onLine: (line) => {
      said.push(line)
      const isReading = line.startsWith('##READING ')
      if (isReading) readings.push(JSON.parse(line.slice('##READING '.length)))
      return isReading
    },
  })
  const aConnect = (/** @type {string} */ wanted) =>
    readings.filter(({ tool }) => tool === wanted).map(({ runTimeNs, connects }) => runTimeNs / connects)
  const runs = (/** @type {string} */ wanted) =>
    median(readings.filter(({ tool }) => tool === wanted).map((one) => one.runs / one.connects)).toFixed(1)
  const [ours, theirs] = [aConnect('hivetap'), aConnect('tcpconnlat')]
  if (ours.length === 0 || ours.length !== theirs.length)
    throw new Error(`the guest measured nothing: ${said.slice(-20).join('\n')}`)
  const byRound = ratios(ours, theirs)
  return [
    {
      name: 'run time of BPF programs a connect',
      hivetap: `${spread(ours, 0)} ns in ${runs('hivetap')} runs: ${spread(byRound, 2)} of the peer’s`,
      peer: `libbpf-tools ${spread(theirs, 0)} ns in ${runs('tcpconnlat')} runs`,
      limit: '≤ 0.5',
      reached: median(byRound) <= 0.5,
    },
  ]
}
