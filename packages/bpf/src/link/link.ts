/** A program that runs on a hook, until the link is closed. */
export interface Link {
  /** As people write it: `tp_btf inet_sock_set_state`. */
  readonly description: string
  /** Detaches the program. */
  close(): void
  [Symbol.dispose](): void
}
