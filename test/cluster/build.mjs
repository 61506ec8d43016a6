// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { attempt, goEnvironment, missing, run } from './commands.mjs'
import { kubernetesModule } from './go-module.mjs'
import { buildBlockedBy } from './needs.mjs'
import { say } from './say.mjs'

/** What is built. Another version is built in place of one that the cache has. */
export const VERSIONS = { kubernetes: 'v1.34.4', etcd: 'v3.5.35', coredns: 'v1.12.4' }
/** Kubernetes' programs, which are one file. */
const COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy']
/** Where a version is told to a program of Kubernetes when it is linked. */
const VERSION_PACKAGE = 'k8s.io/component-base/version'

/**
 * Builds what the cache lacks, from Go modules. With nothing there: 15 to 30 minutes on two cores, 2.2 GB of memory.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 * @throws if there is no Go, or the build fails: its log stands in the cache
 */
export async function buildPrograms(cluster) {
  mkdirSync(cluster.bin, { recursive: true })
  const steps = await lacking(cluster)
  const blocked = steps.length === 0 ? undefined : buildBlockedBy()
  if (blocked !== undefined)
    throw new Error(`the cluster’s programs are not in ${cluster.cache}, and ${blocked}`)
  for (const step of steps) await step(cluster)
}

/**
 * Whether nothing has to be built.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 */
export async function isBuilt(cluster) {
  return (await lacking(cluster)).length === 0
}

/**
 * kubectl: the user's, or else one that was built.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 */
export function kubectlCommand({ bin }) {
  return missing(['kubectl']).length === 0 ? 'kubectl' : join(bin, 'kubectl')
}

/**
 * What there is to build.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 */
async function lacking({ bin, images }) {
  return [
    ...((await says(join(bin, 'kube-apiserver'), '--version', VERSIONS.kubernetes)) ? [] : [kubernetes]),
    ...((await says(join(bin, 'etcd'), '--version', VERSIONS.etcd.slice(1))) ? [] : [etcd]),
    ...((await says(join(bin, 'coredns'), '-version', VERSIONS.coredns.slice(1))) ? [] : [coredns]),
    ...(existsSync(join(bin, 'pause')) || existsSync(join(images, 'pause.tar')) ? [] : [pause]),
    ...(missing(['kubectl']).length === 0 || existsSync(join(bin, 'kubectl')) ? [] : [kubectl]),
  ]
}

/** @param {import('./instance.mjs').Cluster} cluster */
async function kubernetes(cluster) {
  await kubernetesProgram(cluster, 'kubernetes', '.')
  for (const name of COMPONENTS) {
    rmSync(join(cluster.bin, name), { force: true })
    symlinkSync('kubernetes', join(cluster.bin, name))
  }
}

/** @param {import('./instance.mjs').Cluster} cluster */
async function kubectl(cluster) {
  await kubernetesProgram(cluster, 'kubectl', 'k8s.io/kubernetes/cmd/kubectl')
}

/**
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {string} name
 * @param {string} target package of Go
 */
async function kubernetesProgram(cluster, name, target) {
  const folder = sourceFolder(cluster, 'kubernetes')
  const version = VERSIONS.kubernetes
  const asked = ['mod', 'download', '-json', `k8s.io/kubernetes@${version}`]
  const { GoMod } = /** @type {{ GoMod: string }} */ (
    JSON.parse(await run('go', asked, { env: goEnvironment(), cwd: cluster.cache }))
  )
  writeFileSync(join(folder, 'go.mod'), kubernetesModule(readFileSync(GoMod, 'utf8'), version))
  await go(cluster, folder, `modules of Kubernetes ${version}`, ['mod', 'tidy'])
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(version) ?? []
  const set = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' }
  const flags = Object.entries(set).map(([key, value]) => `-X ${VERSION_PACKAGE}.${key}=${value}`)
  await build(cluster, folder, name, `${name} ${version}`, target, flags)
}

/** @param {import('./instance.mjs').Cluster} cluster */
async function etcd(cluster) {
  const folder = sourceFolder(cluster, 'etcd')
  writeFileSync(
    join(folder, 'go.mod'),
    `module etcd\n\ngo 1.24\n\nrequire go.etcd.io/etcd/server/v3 ${VERSIONS.etcd}\n`,
  )
  await go(cluster, folder, `modules of etcd ${VERSIONS.etcd}`, ['mod', 'tidy'])
  await build(cluster, folder, 'etcd', `etcd ${VERSIONS.etcd}`, '.')
}

/** @param {import('./instance.mjs').Cluster} cluster */
async function coredns(cluster) {
  const what = `coredns ${VERSIONS.coredns}`
  const target = `github.com/coredns/coredns@${VERSIONS.coredns}`
  await go(cluster, cluster.cache, what, ['install', '-p', '2', '-ldflags', '-s -w', target], cluster.bin)
}

/** @param {import('./instance.mjs').Cluster} cluster */
async function pause(cluster) {
  const folder = sourceFolder(cluster, 'pause')
  writeFileSync(join(folder, 'go.mod'), 'module pause\n\ngo 1.21\n')
  await build(cluster, folder, 'pause', 'the pause image’s program', '.')
}

/**
 * A folder of the cache with a program of ours: modules are resolved there, so that no lock file comes into the checkout.
 *
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {string} name
 */
function sourceFolder({ cache }, name) {
  const folder = join(cache, 'src', name)
  mkdirSync(folder, { recursive: true })
  copyFileSync(fileURLToPath(new URL(`go/${name}/main.go`, import.meta.url)), join(folder, 'main.go'))
  return folder
}

/**
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {string} folder
 * @param {string} name
 * @param {string} what
 * @param {string} target
 * @param {readonly string[]} linkFlags
 */
async function build(cluster, folder, name, what, target, linkFlags = []) {
  // Whole or not at all: a build that was interrupted is no program.
  const making = join(cluster.bin, `.${name}-${process.pid}`)
  const flags = ['-s', '-w', ...linkFlags].join(' ')
  try {
    await go(cluster, folder, what, ['build', '-p', '2', '-ldflags', flags, '-o', making, target])
    renameSync(making, join(cluster.bin, name))
  } finally {
    rmSync(making, { force: true })
  }
}

/**
 * @param {import('./instance.mjs').Cluster} cluster
 * @param {string} cwd
 * @param {string} what
 * @param {readonly string[]} args
 * @param {string} [installTo]
 */
async function go(cluster, cwd, what, args, installTo) {
  const log = join(cluster.cache, 'build.log')
  const output = openSync(log, 'a')
  const start = Date.now()
  say(`builds ${what} (log: ${log})`)
  const passed = () => `${Math.round((Date.now() - start) / 1000)} s`
  const reminder = setInterval(() => say(`still builds ${what} (${passed()})`), 60_000)
  try {
    const env = { ...goEnvironment(), ...(installTo === undefined ? {} : { GOBIN: installTo }) }
    const child = spawn('go', [...args], { cwd, env, stdio: ['ignore', output, output] })
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`${what} could not be built:\n${readFileSync(log, 'utf8').slice(-2000)}`)
    say(`built ${what} in ${passed()}`)
  } finally {
    clearInterval(reminder)
    closeSync(output)
  }
}

/**
 * Whether a program is there, and says that it is of a version.
 *
 * @param {string} program
 * @param {string} flag
 * @param {string} version
 */
async function says(program, flag, version) {
  return existsSync(program) && (await attempt(program, [flag]))?.includes(version) === true
}
