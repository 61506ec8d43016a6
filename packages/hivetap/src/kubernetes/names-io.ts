/** What names are opened with. */
export interface NamesIo {
  /** Ends waiting. */
  readonly signal: AbortSignal
  /** Tells a person what is to be known: the API server is away, or refuses. */
  readonly note: (message: string) => void
  readonly env?: Readonly<Record<string, string | undefined>>
}
