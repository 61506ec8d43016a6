/** Bytes that stand in a file, which may be replaced, or that were given with the configuration. */
export type Material =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'inline'; readonly text: string; readonly said: string }

/** A program that says who we are: the `exec` of a kubeconfig. */
export interface ExecPlugin {
  readonly apiVersion: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Whether it is told which cluster it is asked for. */
  readonly provideClusterInfo: boolean
  readonly installHint?: string | undefined
}

/** Who we are to the API server. Several may be there: a certificate and a token. */
export interface Identity {
  /** The file prevails over the token that was given; until it can be read, that one is used. */
  readonly token?: string | undefined
  readonly tokenFile?: string | undefined
  readonly clientCertificate?: Material | undefined
  readonly clientKey?: Material | undefined
  readonly exec?: ExecPlugin | undefined
}

/** How an API server is reached. */
export interface ClusterAccess {
  /** `https://host:port`, with a path in front of the API's if there is one; no `/` at its end. */
  readonly server: string
  /** Authorities that the server is checked against; Node's without. */
  readonly authorities?: Material | undefined
  /** Name that its certificate is to be for, if it is not the address's host. */
  readonly serverName?: string | undefined
  /** The server is not checked at all: whoever stands between can read and change everything. */
  readonly isUnchecked: boolean
  readonly isCompressionOff: boolean
  readonly identity: Identity
  /** Namespace that commands mean if they are told none. */
  readonly namespace: string
  /** Where this was found: `the pod's service account`, `context kind-1 of /home/me/.kube/config`. */
  readonly origin: string
  /** What a person should be told once. */
  readonly warnings: readonly string[]
}
