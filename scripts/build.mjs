// @ts-check
/**
 * Compiles the TypeScript, puts the checked-in object files beside the result, and joins the command into one file. It
 * needs no compiler but tsc and no network: objects are made from C by scripts/objects.mjs.
 */
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundle } from './bundle.mjs'
import { filesBelow } from './files.mjs'
import { ROOT } from './root.mjs'
import { runTool } from './run.mjs'

if (!runTool('typescript/bin/tsc', ['--build', ...process.argv.slice(2)])) process.exit(1)
for (const name of ['bpf', 'hivetap']) {
  const source = join(ROOT, 'packages', name, 'src')
  for (const file of filesBelow(source, ['.bpf.o'])) {
    const target = file.replace(source, join(ROOT, 'packages', name, 'dist'))
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(file, target)
  }
}
await bundle()
