import { readPem } from './read-pem.js'

/** The files of a TLS connection: each names a PEM file. */
export interface TlsFiles {
  /** Authorities that the other side's certificate is held against. */
  readonly ca_file?: string | undefined
  /** Our own certificate, and its key. */
  readonly cert_file?: string | undefined
  readonly key_file?: string | undefined
}

/** What {@link TlsFiles} hold, in the words of Node's TLS; what no file is named for is not there. */
export interface TlsMaterial {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/**
 * Reads the files that are named, one after the other: of several that are at fault the first is told, each time the
 * same.
 *
 * @throws {DeliveryError} `secret_unreadable` if one cannot be read, or is not what it is to be
 */
export async function readTlsFiles({ ca_file, cert_file, key_file }: TlsFiles): Promise<TlsMaterial> {
  const ca = await readPem('certificate', ca_file)
  const cert = await readPem('certificate', cert_file)
  const key = await readPem('key', key_file)
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}
