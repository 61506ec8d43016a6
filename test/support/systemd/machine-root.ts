import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where a machine has the repository. */
export const REPOSITORY_INSIDE = '/opt/hivetap'
/** Where a machine has the Node that runs the tests. */
export const NODE_INSIDE = '/opt/node'
/** What a machine is booted to: the basic system, and what is enabled. */
export const TARGET = 'multi-user.target'

const UNITS = '/usr/lib/systemd/system'
const GENERATORS = '/usr/lib/systemd/system-generators'
/** What a boot wants by itself, and gets: nothing else that this host's packages would start. */
const WANTED = ['systemd-journald.service', 'systemd-journald.socket', 'systemd-journald-dev-log.socket']

/** A root directory of a machine's own: no file of it is this host's. */
export function makeRoot(root: string): void {
  for (const path of [
    'usr',
    'etc/systemd/system',
    'etc/systemd/system-generators',
    'opt',
    'root',
    'run',
    'tmp',
  ])
    mkdirSync(join(root, path), { recursive: true })
  mkdirSync(join(root, 'var/lib'), { recursive: true })
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name))

  const etc = {
    'machine-id': `${randomBytes(16).toString('hex')}\n`,
    hostname: 'machine\n',
    'os-release': 'ID=machine\n',
    passwd: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n',
    group: 'root:x:0:\ntty:x:5:\nsystemd-journal:x:101:\nnogroup:x:65534:\n',
    fstab: '',
    'systemd/journald.conf': '[Journal]\nStorage=volatile\nReadKMsg=no\nAudit=no\n',
    [`systemd/system/${TARGET}`]: '[Unit]\nRequires=basic.target\nAfter=basic.target\n',
  }
  for (const [path, text] of Object.entries(etc)) writeFileSync(join(root, 'etc', path), text)
  mask(join(root, 'etc/systemd/system'), unwantedUnits())
  mask(join(root, 'etc/systemd/system-generators'), namesIn(GENERATORS))
}

/** What is put over this host's /usr: the commands of an installed package, as npm links them. */
export function makeUsr(usr: string): void {
  mkdirSync(join(usr, 'bin'), { recursive: true })
  symlinkSync(`${REPOSITORY_INSIDE}/packages/hivetap/bin/hivetap.js`, join(usr, 'bin/hivetap'))
  symlinkSync(NODE_INSIDE, join(usr, 'bin/node'))
}

function mask(folder: string, names: Iterable<string>): void {
  for (const name of names) symlinkSync('/dev/null', join(folder, name))
}

/** What a target of this host wants, and what empties folders: a machine has nothing of it to do. */
function unwantedUnits(): ReadonlySet<string> {
  const wanted = namesIn(UNITS)
    .filter((name) => name.endsWith('.wants'))
    .flatMap((name) => namesIn(join(UNITS, name)))
  const emptying = namesIn(UNITS).filter((name) => name.startsWith('systemd-tmpfiles-'))
  const bus = ['dbus.service', 'dbus.socket']
  const services = [...wanted, ...emptying, ...bus].filter((name) => !name.endsWith('.target'))
  return new Set(services.filter((name) => !WANTED.includes(name)))
}

function namesIn(folder: string): string[] {
  return readdirSync(folder)
}
