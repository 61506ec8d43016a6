// @ts-check
/**
 * Makes the fixtures of what other tools print (`node test/peers/tables/make.mjs`, as root): boots Debian's 6.1 under qemu,
 * where kprobes work, runs the tools of libbpf-tools, bpftrace and hivetap side by side while connections are made, and
 * keeps what each printed in test/fixtures/tables.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/root.mjs'
import { boot } from '../../kernels/boot.mjs'
import { debianKernel } from '../../kernels/debian-kernel.mjs'
import { makeInitramfs } from '../../kernels/initramfs.mjs'
import { MODULES } from '../../kernels/kernels.mjs'

const SILENCE_MS = 600_000
const LIBBPF_TOOLS = ['tcpconnlat', 'tcpconnect', 'tcpstates', 'tcptracer', 'tcplife', 'execsnoop']

const target = join(ROOT, 'test/fixtures/tables')
const cache = join(ROOT, '.cache/kernels')
mkdirSync(cache, { recursive: true })
mkdirSync(target, { recursive: true })
const kernel = debianKernel('bookworm', join(cache, 'bookworm'), MODULES)
const initramfs = join(cache, 'tables.cpio')
makeInitramfs(initramfs, {
  programs: [...LIBBPF_TOOLS.map((name) => `/usr/sbin/${name}`), 'bpftrace'],
  scripts: [
    join(ROOT, 'test/peers/tables/guest.mjs'),
    join(ROOT, 'test/peers/tables/connects.mjs'),
    join(ROOT, 'test/peers/tables/tcpconnlat.bt'),
    '/usr/sbin/tcpconnect.bt',
    '/usr/sbin/tcplife.bt',
  ],
})
/** @type {Map<string, string>} */
const printed = new Map()
await boot({
  image: kernel.image,
  initramfs,
  commandLine: 'hivetap.run=guest.mjs',
  silenceMs: SILENCE_MS,
  onLine: (line) => {
    const [mark, name = '', base64 = ''] = line.split(' ')
    if (mark === '##TABLE') printed.set(name, (printed.get(name) ?? '') + base64)
    else process.stderr.write(`${line}\n`)
    return mark === '##TABLE'
  },
})
for (const [name, base64] of printed) writeFileSync(join(target, name), Buffer.from(base64, 'base64'))
process.stdout.write(`${printed.size} tables in ${target}\n`)
