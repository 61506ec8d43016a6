// @ts-check
/** Runs in the guest: starts the tools, makes connections, ends the tools, and prints what each printed. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'

/** They compile and load side by side, without hardware virtualisation. */
const STARTS_MS = 240_000
const SETTLES_MS = 5_000
const ENDS_MS = 30_000
const CHUNK = 3000
const HIVETAP = ['node', 'packages/hivetap/bin/hivetap.js']

/** @type {Record<string, readonly string[]>} */
const TOOLS = {
  'libbpf-tcpconnlat.txt': ['tcpconnlat'],
  'libbpf-tcpconnlat-t.txt': ['tcpconnlat', '-t'],
  'libbpf-tcpconnlat-t-L.txt': ['tcpconnlat', '-t', '-L'],
  'libbpf-tcpconnect.txt': ['tcpconnect'],
  'libbpf-tcpconnect-t-U-s.txt': ['tcpconnect', '-t', '-U', '-s'],
  'libbpf-tcpconnect-c.txt': ['tcpconnect', '-c'],
  'libbpf-tcpstates.txt': ['tcpstates'],
  'libbpf-tcpstates-T-w.txt': ['tcpstates', '-T', '-w'],
  'libbpf-tcptracer-t.txt': ['tcptracer', '-t'],
  'libbpf-tcplife.txt': ['tcplife'],
  'libbpf-execsnoop.txt': ['execsnoop'],
  'bpftrace-tcpconnect.txt': ['bpftrace', 'tcpconnect.bt'],
  'bpftrace-tcplife.txt': ['bpftrace', 'tcplife.bt'],
  'bpftrace-tcpconnlat.txt': ['bpftrace', 'tcpconnlat.bt'],
  'hivetap-tcpconnlat.txt': [...HIVETAP, 'tcpconnlat'],
  'hivetap-tcpconnlat-x.txt': [...HIVETAP, 'tcpconnlat', '-x'],
  'hivetap-tcpconnlat-t-L-x-w.txt': [...HIVETAP, 'tcpconnlat', '-t', '-L', '-x', '-w'],
  'hivetap-tcpconnlat-x.jsonl': [...HIVETAP, 'tcpconnlat', '-x', '-o', 'json', '--stats'],
  'hivetap-tcpconnect-t-U-s-w.txt': [...HIVETAP, 'tcpconnect', '-t', '-U', '-s', '-w'],
  'hivetap-tcpconnect-c.txt': [...HIVETAP, 'tcpconnect', '-c'],
  'hivetap-trace.txt': [...HIVETAP, 'trace', 'tcpconnlat,execsnoop'],
}

// All that bpftrace's own scripts take from the C library.
mkdirSync('/usr/include/sys', { recursive: true })
writeFileSync('/usr/include/sys/socket.h', '#define AF_INET 2\n#define AF_INET6 10\n')
for (const address of ['2001:db8:1111:2222:3333:4444:5555:6666', '2001:db8::1'])
  execFileSync('ip', ['-6', 'address', 'add', `${address}/128`, 'dev', 'lo', 'nodad'])
const running = Object.entries(TOOLS).map(([name, [program = '', ...args]]) => {
  const out = openSync(`/tmp/${name}`, 'w')
  const child = spawn(program, args, { stdio: ['ignore', out, 'inherit'] })
  closeSync(out)
  return { name, child }
})
for (let waited = 0; waited < STARTS_MS; waited += 10_000) {
  process.stdout.write('starting\n')
  await wait(10_000)
}
execFileSync('node', ['connects.mjs'], { stdio: 'inherit' })

await wait(SETTLES_MS)
for (const { name, child } of running) {
  if (child.exitCode !== null) process.stdout.write(`${name}: ended by itself with ${child.exitCode}\n`)
  else {
    child.kill('SIGINT')
    const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_MS)
    await once(child, 'close')
    clearTimeout(timer)
  }
  const base64 = readFileSync(`/tmp/${name}`).toString('base64')
  for (let at = 0; at < base64.length; at += CHUNK)
    process.stdout.write(`##TABLE ${name} ${base64.slice(at, at + CHUNK)}\n`)
}

/** @param {number} ms @returns {Promise<void>} */
function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
