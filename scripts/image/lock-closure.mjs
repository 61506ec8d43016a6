// @ts-check
/**
 * A package as package-lock.json has it.
 *
 * @typedef {object} LockedPackage
 * @property {string} version
 * @property {string} [integrity]
 * @property {string} [license]
 * @property {boolean} [link]
 * @property {string} [resolved]
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [cpu]
 * @property {readonly string[]} [libc]
 * @property {Readonly<Record<string, string>>} [dependencies]
 * @property {Readonly<Record<string, string>>} [optionalDependencies]
 */

/**
 * A package that is needed, and where it is installed below `node_modules`.
 *
 * @typedef {object} NeededPackage
 * @property {string} name
 * @property {string} version
 * @property {string} integrity
 * @property {string} folder `node_modules/…`: where npm would have it beside the package that needs it, or within that
 */

/**
 * What some packages need to run on Linux with glibc, themselves included, each once.
 *
 * @param {Readonly<Record<string, LockedPackage>>} packages of package-lock.json
 * @param {string} workspace the folder of the package that they are needed by
 * @param {readonly string[]} roots names
 * @param {string} cpu as Node calls it: `x64`, `arm64`
 * @returns {NeededPackage[]}
 * @throws if the lock does not have one that must be there
 */
export function closure(packages, workspace, roots, cpu) {
  /** @type {Map<string, NeededPackage>} */
  const found = new Map()
  /** @type {{ name: string, from: string, optional: boolean }[]} */
  const open = roots.map((name) => ({ name, from: workspace, optional: false }))
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const key = resolve(packages, next.from, next.name)
    const about = key === undefined ? undefined : packages[key]
    if (key === undefined || about === undefined) {
      if (next.optional) continue
      throw new Error(`package-lock.json has no ${next.name}, which ${next.from} needs: run npm install`)
    }
    if (found.has(key)) continue
    if (!runsOn(about, cpu)) {
      if (next.optional) continue
      throw new Error(`${next.name} ${about.version} does not run on linux/${cpu}`)
    }
    if (about.integrity === undefined)
      throw new Error(
        `package-lock.json does not say what ${next.name} ${about.version} must be: no integrity`,
      )
    found.set(key, {
      name: next.name,
      version: about.version,
      integrity: about.integrity,
      folder: key.startsWith(`${workspace}/`)
        ? `node_modules/${workspace.slice(workspace.lastIndexOf('/') + 1)}${key.slice(workspace.length)}`
        : key,
    })
    for (const name of Object.keys(about.dependencies ?? {})) open.push({ name, from: key, optional: false })
    for (const name of Object.keys(about.optionalDependencies ?? {}))
      open.push({ name, from: key, optional: true })
  }
  return [...found.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1))
}

/**
 * Where Node finds a package from a folder: in the nearest node_modules above.
 *
 * @param {Readonly<Record<string, LockedPackage>>} packages
 * @param {string} from
 * @param {string} name
 */
function resolve(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/'), 0))) {
    const key = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (packages[key] !== undefined) return key
    if (folder === '') return undefined
  }
}

/**
 * @param {LockedPackage} about
 * @param {string} cpu
 */
function runsOn(about, cpu) {
  const { os = ['linux'], cpu: cpus = [cpu], libc = ['glibc'] } = about
  return os.includes('linux') && cpus.includes(cpu) && libc.includes('glibc')
}
