/** What the installed commands call: bin/hivetap.js, bin/kubectl-hivetap.js and bin/kubectl_complete-hivetap.js. */
export { main } from './cli/main.js'

/** Runs `kubectl hivetap`, which is loaded for it alone; the exit status. */
export async function kubectlMain(args: readonly string[]): Promise<number> {
  const { main } = await import('./kubectl/main.js')
  return main(args)
}

/** Completes `kubectl hivetap` for kubectl; the exit status. */
export async function kubectlComplete(words: readonly string[]): Promise<number> {
  const { complete } = await import('./kubectl/complete/complete.js')
  return complete(words)
}
