// @ts-check
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * All files below a folder whose names end in one of some endings, but for what npm and the build put there.
 *
 * @param {string} folder
 * @param {readonly string[]} endings
 * @returns {string[]}
 */
export function filesBelow(folder, endings) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory())
        return ['node_modules', 'dist', '.git', 'coverage'].includes(entry.name)
          ? []
          : filesBelow(path, endings)
      return endings.some((ending) => entry.name.endsWith(ending)) ? [path] : []
    })
}
