import type { Material } from './cluster-access.js'
import { besideFile, wrong } from './read-kubeconfig.js'

/**
 * What a key of a file, or the data that stands for it, says; data prevail, as with kubectl.
 *
 * @throws {KubeError} `config_wrong` if the data are not base64
 */
export function materialOf(
  file: string,
  path: string | null | undefined,
  data: string | null | undefined,
  where: string,
): Material | undefined {
  if (data) {
    const base64 = data.replace(/\s+/g, '')
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw wrong(`${where} has data that are not base64.`)
    return {
      kind: 'inline',
      text: Buffer.from(base64, 'base64').toString('utf8'),
      said: `the data of ${where}`,
    }
  }
  return path ? { kind: 'file', path: besideFile(file, path) } : undefined
}
