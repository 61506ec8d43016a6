/** Where the store is, unless it is said: `hivetap query` looks there too. */
export const DEFAULT_STORE = '/var/lib/hivetap/store.duckdb'
