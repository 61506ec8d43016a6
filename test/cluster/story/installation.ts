/** How hivetap is put on a cluster. The story knows no more of it than this: a chart, a manifest or a test's own objects. */
export interface Installation {
  /** What it is called in the story's account. */
  readonly name: string
  /** The objects, for `kubectl apply`. */
  objects(options: InstallOptions): readonly object[] | Promise<readonly object[]>
  /** Its DaemonSet, in the namespace that it is installed to. */
  readonly daemonSet: string
  /** The container that runs the agent. */
  readonly container: string
  /** Whether a pod that prints the table sees connects by now, as its log says. */
  isAttached(log: string): boolean
}

export interface InstallOptions {
  readonly namespace: string
  /** Marks what belongs to no namespace, so that it is found again; unique to a run, and fit for a path. */
  readonly run: string
  readonly image: string
  readonly pullPolicy: string
  /** What it does with events: prints the table of tcpconnlat, or delivers to a topic. */
  readonly output:
    | { readonly kind: 'table' }
    | { readonly kind: 'kafka'; readonly brokers: readonly string[]; readonly topic: string }
  /** Another revision of it is another set of pods. */
  readonly revision: number
}
