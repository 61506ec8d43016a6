// @ts-check
/** A line of Kubernetes' own go.mod by which a module of it is taken from a folder beside it. */
const STAGED = /^\s*(k8s\.io\/[a-z-]+) => \.\/staging\//gm

/**
 * The go.mod of a program that is made of Kubernetes' packages. Their module takes others of its own from folders beside
 * it, which who imports it does not have: each is released as a module too, as v0.X.Y beside v1.X.Y.
 *
 * @param {string} goMod that of Kubernetes
 * @param {string} version of Kubernetes: `v1.X.Y`
 */
export function kubernetesModule(goMod, version) {
  const staged = version.replace(/^v1\./, 'v0.')
  const lines = [...goMod.matchAll(STAGED)].map(([, name]) => `\t${name} => ${name} ${staged}`)
  if (lines.length === 0) throw new Error(`The go.mod of Kubernetes ${version} names no staged module.`)
  const go = /^go .*$/m.exec(goMod)?.[0] ?? 'go 1.24'
  return `module cluster\n\n${go}\n\nrequire k8s.io/kubernetes ${version}\n\nreplace (\n${lines.join('\n')}\n)\n`
}
