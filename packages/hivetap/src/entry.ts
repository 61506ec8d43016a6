/** What the installed commands call: bin/hivetap.js and bin/kubectl-hivetap.js. */
export { main } from './cli/main.js'

/** Runs `kubectl hivetap`, which is loaded for it alone; the exit status. */
export async function kubectlMain(args: readonly string[]): Promise<number> {
  const { main } = await import('./kubectl/main.js')
  return main(args)
}
