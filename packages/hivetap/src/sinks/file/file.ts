import { DeliveryError, type DestinationKind } from '../../delivery/destination.js'
import { fileConfig } from './config.js'

/** JSON lines in a file, rotated by size and age, packed, and kept within bounds. */
export const fileKind: DestinationKind<typeof fileConfig> = {
  type: 'file',
  config: fileConfig,
  async create(config, context) {
    const { canPack } = await import('./pack.js')
    if (!canPack(config.compression))
      throw new DeliveryError(
        'compression_missing',
        `${config.name}: Node ${process.version} cannot pack with zstd (22.15 and later can): use compression: gzip`,
        { passing: false },
      )
    const { FileDestination } = await import('./file-destination.js')
    return new FileDestination(config, context)
  },
}
