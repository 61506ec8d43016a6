// @ts-check
/** Makes what a guest boots into: an uncompressed initramfs, which unpacks fastest. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { ROOT } from '../../scripts/root.mjs'
import { stage } from './stage.mjs'

/** Programs that the guest's tests call, besides busybox: of iproute2 and util-linux. */
const PROGRAMS = ['ip', 'tc', 'ss', 'setpriv', 'unshare', 'prlimit', 'mountpoint']
const FOLDERS = ['bin', 'dev', 'etc', 'proc', 'run', 'sys', 'tmp', 'var/run', 'usr/bin', 'modules']

/**
 * The initramfs that all guests share: busybox, node, the programs, the project.
 *
 * @param {string} target
 * @param {object} [more] of a guest that is for something else than the tests
 * @param {readonly string[]} [more.programs] names or paths
 * @param {readonly string[]} [more.scripts] paths; they come to stand in the folder that guests start in
 */
export function makeInitramfs(target, { programs = [], scripts = [] } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'hivetap-guest-'))
  try {
    for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true })
    addBusybox(root)
    // Busybox's own shell calls its applets before it looks for programs.
    rmSync(join(root, 'bin/sh'))
    addProgram(root, which('dash'), 'bin/sh')
    addProgram(root, process.execPath, 'usr/bin/node')
    execFileSync('strip', [join(root, 'usr/bin/node')])
    for (const name of [...PROGRAMS, ...programs]) addProgram(root, which(name), `usr/bin/${basename(name)}`)
    writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n')
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\n')
    cpSync(join(ROOT, 'test/kernels/guest/init.sh'), join(root, 'init'))
    chmodSync(join(root, 'init'), 0o755)
    stage(join(root, 'hivetap'))
    for (const script of scripts) cpSync(script, join(root, 'hivetap', basename(script)))
    archive(root, target)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/**
 * One that holds a kernel's modules: it is put behind the shared one, as the kernel takes them.
 *
 * @param {readonly string[]} modules
 * @param {string} target
 */
export function makeModuleInitramfs(modules, target) {
  const root = mkdtempSync(join(tmpdir(), 'hivetap-modules-'))
  try {
    mkdirSync(join(root, 'modules'))
    for (const module of modules) cpSync(module, join(root, 'modules', basename(module)))
    archive(root, target)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** @param {string} root */
function addBusybox(root) {
  const busybox = which('busybox')
  cpSync(busybox, join(root, 'bin/busybox'))
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n')
  for (const applet of applets)
    if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet))
}

/**
 * A program with the libraries that it is linked to.
 *
 * @param {string} root
 * @param {string} program
 * @param {string} place
 */
function addProgram(root, program, place) {
  cpSync(realpathSync(program), join(root, place))
  const linked = execFileSync('ldd', [program], { encoding: 'utf8' })
  for (const [library] of linked.matchAll(/\/\S+/g)) {
    const target = join(root, library)
    if (existsSync(target)) continue
    mkdirSync(dirname(target), { recursive: true })
    cpSync(realpathSync(library), target)
  }
}

/** @param {string} name */
function which(name) {
  return execFileSync('sh', ['-c', `command -v ${name}`], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  }).trim()
}

/**
 * @param {string} root
 * @param {string} target
 */
function archive(root, target) {
  // The folder was made for its maker alone; it becomes the root of the guest.
  chmodSync(root, 0o755)
  execFileSync('sh', ['-c', 'find . | cpio --quiet -o -H newc > "$0"', target], { cwd: root })
}
