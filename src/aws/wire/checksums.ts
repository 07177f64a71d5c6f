/** The checksums that clients send with a body ("Checking object integrity", S3 User Guide). */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { Crc32c, Crc64NvmeJs } from '@aws-sdk/checksums/crc'

/** By the names of the API. */
export const checksumAlgorithms = [
  'CRC32',
  'CRC32C',
  'CRC64NVME',
  'SHA1',
  'SHA256',
  'SHA512',
  'MD5',
] as const
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number]

export interface Checksum {
  update(bytes: Uint8Array): void
  digest(): Promise<Buffer>
}

export function newChecksum(algorithm: ChecksumAlgorithm): Checksum {
  switch (algorithm) {
    case 'CRC32':
      return new Crc32()
    case 'CRC32C':
      return bytesOf(new Crc32c())
    case 'CRC64NVME':
      return bytesOf(new Crc64NvmeJs())
    default:
      return hashed(algorithm.toLowerCase())
  }
}

class Crc32 implements Checksum {
  #value = 0

  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value)
  }

  async digest(): Promise<Buffer> {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(this.#value)
    return bytes
  }
}

function bytesOf(checksum: { update(bytes: Uint8Array): void; digest(): Promise<Uint8Array> }) {
  return {
    update: (bytes: Uint8Array) => checksum.update(bytes),
    digest: async () => Buffer.from(await checksum.digest()),
  }
}

function hashed(algorithm: string): Checksum {
  const hash = createHash(algorithm)
  return {
    update: (bytes) => void hash.update(bytes),
    digest: async () => hash.digest(),
  }
}
