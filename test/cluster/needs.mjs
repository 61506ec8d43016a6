// @ts-check
import { existsSync } from 'node:fs'
import { CNI, goEnvironment, missing } from './commands.mjs'

/** Debian's package of each command that a cluster is started with. */
const TO_RUN = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  ip: 'iproute2',
  iptables: 'iptables',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  mount: 'mount',
  tar: 'tar',
  openssl: 'openssl',
}

/** Why no cluster can be started here, in a sentence; `undefined` where one can be. */
export function startBlockedBy() {
  if (process.platform !== 'linux') return 'a cluster takes Linux'
  if (process.getuid?.() !== 0) return 'a cluster of one’s own takes root: network and mount namespaces'
  const commands = missing(Object.keys(TO_RUN))
  const packages = new Set(commands.map((name) => TO_RUN[/** @type {keyof typeof TO_RUN} */ (name)]))
  if (!existsSync(`${CNI}/bridge`)) packages.add('containernetworking-plugins')
  if (packages.size === 0) return undefined
  const names = [...packages].join(' ')
  return `what starts a cluster is not here (Debian: apt-get install ${names})`
}

/** Why no cluster can be built here; `undefined` where one can be. */
export function buildBlockedBy() {
  if (missing(['go'], goEnvironment()).length > 0)
    return 'there is no go: install Go 1.21 or later; it fetches the version that Kubernetes asks for'
  if (missing(['busybox']).length > 0) return 'there is no busybox (Debian: apt-get install busybox-static)'
  return undefined
}
