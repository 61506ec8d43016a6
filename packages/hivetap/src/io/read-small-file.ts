import { readFile, stat } from 'node:fs/promises'

/**
 * The text of a file that is small by what it is for: a larger one is not read.
 *
 * @param mostBytes whole mebibytes
 * @throws {Error} if it cannot be read, or is larger
 */
export async function readSmallFile(path: string, mostBytes: number): Promise<string> {
  if ((await stat(path)).size > mostBytes) throw new Error(`it is larger than ${mostBytes >> 20} MiB`)
  return readFile(path, 'utf8')
}
