// @ts-check
/**
 * Fetches a kernel of Debian's as its packages have it: image and modules. It is done through apt, with a configuration
 * of its own beside the machine's: the same places, another suite, verified by the same keys; nothing is installed.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { filesBelow } from '../../scripts/files.mjs'

/**
 * @typedef {object} Kernel
 * @property {string} version of the package: `5.10.0-32-cloud-amd64`
 * @property {string} image
 * @property {readonly string[]} modules those that were asked for and are not built in
 */

const META_PACKAGE = 'linux-image-cloud-amd64'
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * The newest kernel of a suite; fetched once, kept in the folder.
 *
 * @param {string} suite `bullseye`
 * @param {string} folder where it is kept
 * @param {readonly string[]} modules names of modules to unpack: `sch_netem`
 * @returns {Kernel}
 */
export function debianKernel(suite, folder, modules) {
  const kept = join(folder, 'kernel.json')
  if (!existsSync(kept)) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    writeFileSync(kept, JSON.stringify(fetchKernel(suite, folder, modules)))
  }
  return JSON.parse(readFileSync(kept, 'utf8'))
}

/**
 * @param {string} suite
 * @param {string} folder
 * @param {readonly string[]} modules
 * @returns {Kernel}
 */
function fetchKernel(suite, folder, modules) {
  const apt = aptFor(suite, join(folder, 'apt'))
  apt('apt-get', 'update', '-qq')
  const [name] = depends(apt, META_PACKAGE, /^linux-image-\d/)
  if (name === undefined) throw new Error(`${META_PACKAGE} of ${suite} depends on no kernel`)
  // From Linux 7 on, the image and the modules are packages of their own.
  const parts = depends(apt, name, /^linux-(binary|modules)-\d/)
  apt('apt-get', 'download', '-qq', ...(parts.length > 0 ? parts : [name]))
  const unpacked = join(folder, 'unpacked')
  for (const file of readdirSync(folder).filter((entry) => entry.endsWith('.deb'))) {
    execFileSync('dpkg-deb', ['-x', join(folder, file), unpacked])
    rmSync(join(folder, file))
  }
  const files = filesBelow(unpacked, [''])
  const image = files.find((file) => basename(file).startsWith('vmlinuz'))
  if (image === undefined) throw new Error(`the packages of ${name} hold no kernel image`)
  const kernel = {
    version: name.replace(/^linux-image-/, ''),
    image: keep(image, join(folder, 'vmlinuz')),
    modules: modules.flatMap((module) => keepModule(files, module, folder)),
  }
  rmSync(unpacked, { recursive: true })
  rmSync(join(folder, 'apt'), { recursive: true })
  return kernel
}

/** @typedef {(command: string, ...args: readonly string[]) => string} Apt */

/**
 * Apt for another suite, with all that it writes in a folder.
 *
 * @param {string} suite
 * @param {string} folder
 * @returns {Apt}
 */
function aptFor(suite, folder) {
  for (const part of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, part), { recursive: true })
  writeFileSync(join(folder, 'status'), '')
  const [site] = execFileSync(
    'apt-get',
    ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'],
    {
      encoding: 'utf8',
    },
  )
    .split('\n')
    .filter((line) => line !== '' && !line.includes('security'))
  writeFileSync(join(folder, 'sources.list'), `deb [arch=amd64 signed-by=${KEYRING}] ${site} ${suite} main\n`)
  writeFileSync(
    join(folder, 'apt.conf'),
    [
      `Dir::State "${folder}"; Dir::State::lists "${folder}/lists"; Dir::State::status "${folder}/status";`,
      `Dir::Cache "${folder}/cache"; Dir::Etc::sourcelist "${folder}/sources.list";`,
      'Dir::Etc::sourceparts "/dev/null"; Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "/dev/null";',
      'APT::Architectures "amd64"; APT::Sandbox::User "root"; Acquire::Languages "none";',
      // A mirror may be some weeks behind: its kernel is one to be tried all the same. Signatures are held as ever.
      'Acquire::Check-Valid-Until "false";',
      '',
    ].join('\n'),
  )
  return (command, ...args) =>
    execFileSync(command, args, {
      cwd: join(folder, '..'),
      encoding: 'utf8',
      env: { ...process.env, APT_CONFIG: join(folder, 'apt.conf') },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
}

/**
 * @param {Apt} apt
 * @param {string} name
 * @param {RegExp} wanted
 */
function depends(apt, name, wanted) {
  return [...apt('apt-cache', 'depends', name).matchAll(/^\s*(?:Pre)?Depends: (\S+)$/gm)]
    .map(([, dependency = '']) => dependency)
    .filter((dependency) => wanted.test(dependency))
}

/**
 * @param {string} from
 * @param {string} to
 */
function keep(from, to) {
  execFileSync('cp', [from, to])
  return to
}

/**
 * @param {readonly string[]} files
 * @param {string} name
 * @param {string} folder
 */
function keepModule(files, name, folder) {
  const file = files.find((path) => basename(path).replace(/\.ko(\.xz)?$/, '') === name)
  if (file === undefined) return []
  const target = join(folder, `${name}.ko`)
  if (file.endsWith('.xz')) writeFileSync(target, execFileSync('xz', ['-dc', file], { maxBuffer: 64 << 20 }))
  else keep(file, target)
  return [target]
}
