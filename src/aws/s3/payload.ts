/** A request's body on its way in: decoded, counted, bounded, and checked against everything that the client has said about it. */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type ChunkSigner, decodeChunks } from '../wire/aws-chunked.ts'
import {
  type Checksum,
  type ChecksumAlgorithm,
  checksumAlgorithms,
  newChecksum,
} from '../wire/checksums.ts'
import { ApiError } from '../wire/errors.ts'
import { notImplemented } from './errors.ts'

/** Of an object that is put at once, and of a part ("Amazon S3 multipart upload limits"). */
const maxBytes = 5 * 1024 ** 3
/** Of a body that is no object: 10,000 parts of an upload, with checksums. */
const maxDocument = 4 * 1024 * 1024

export interface PayloadSource {
  readonly incoming: IncomingMessage
  readonly headers: Readonly<Record<string, string>>
  /** Null where no signatures are verified. */
  readonly signer: ChunkSigner | null
  /** Tells a client that waits for it to send the body. */
  readonly proceed: () => void
}

/** What is known of a body when all of it has come. */
export interface Received {
  readonly size: number
  /** MD5, hexadecimal. */
  readonly etag: string
  /** Those that the client has sent, base64 by algorithm. */
  readonly checksums: Readonly<Record<string, string>>
}

export class Payload {
  readonly #source: PayloadSource
  readonly #trailers = new Map<string, string>()
  #received: Received | undefined

  constructor(source: PayloadSource) {
    this.#source = source
  }

  /** To be asked for when {@link bytes} has ended. */
  get received(): Received {
    if (this.#received === undefined) throw new Error('the body has not been read')
    return this.#received
  }

  /**
   * The bytes of an object.
   * @throws ApiError at the end too: what came must not be used then
   */
  async *bytes(): AsyncGenerator<Buffer> {
    const length = this.#length()
    const [md5, sha256] = [createHash('md5'), createHash('sha256')]
    const checksums = this.#checksums()
    let size = 0
    for await (const chunk of this.#decoded()) {
      size += chunk.byteLength
      if (size > length) throw incomplete('has more bytes than it should')
      for (const one of [md5, sha256, ...checksums.values()]) one.update(chunk)
      yield chunk
    }
    if (size < length) throw incomplete('has fewer bytes than it should')
    this.#checkSha256(sha256.digest('hex'))
    const etag = md5.digest()
    this.#checkMd5(etag)
    this.#received = {
      size,
      etag: etag.toString('hex'),
      checksums: await this.#checkChecksums(checksums),
    }
  }

  /** A body that is a document, and not long. @throws ApiError */
  async whole(): Promise<Uint8Array> {
    const { headers } = this.#source
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
      return new Uint8Array()
    }
    if (this.#length() > maxDocument) {
      throw new ApiError('MaxMessageLengthExceeded', 'Your request was too big.')
    }
    return Buffer.concat(await Array.fromAsync(this.bytes()))
  }

  #length(): number {
    const { headers } = this.#source
    const text = headers[this.#isChunked() ? 'x-amz-decoded-content-length' : 'content-length']
    if (text === undefined || !/^\d{1,15}$/.test(text)) {
      throw new ApiError(
        'MissingContentLength',
        'You must provide the Content-Length HTTP header.',
        411,
      )
    }
    const length = Number(text)
    if (length <= maxBytes) return length
    throw new ApiError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size')
  }

  #isChunked(): boolean {
    const { headers } = this.#source
    const encodings = (headers['content-encoding'] ?? '').split(',').map((one) => one.trim())
    const declared = headers['x-amz-content-sha256'] ?? ''
    return declared.startsWith('STREAMING-') || encodings.includes('aws-chunked')
  }

  #decoded(): AsyncIterable<Buffer> {
    const { incoming, headers, signer, proceed } = this.#source
    proceed()
    // What has not been read when the request is refused is for the server to deal with.
    const raw = incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
    if (!this.#isChunked()) return raw
    const signed = (headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-AWS4-')
    return decodeChunks(raw, signed ? signer : null, this.#trailers)
  }

  #checksums(): Map<ChecksumAlgorithm, Checksum> {
    const { headers } = this.#source
    const trailers = (headers['x-amz-trailer'] ?? '').toLowerCase().split(',')
    const sent = [...Object.keys(headers), ...trailers.map((name) => name.trim())]
    if (sent.some((name) => name.startsWith('x-amz-checksum-xxhash'))) {
      throw notImplemented('Checksums of the algorithm XXHASH are not served here')
    }
    const used = checksumAlgorithms.filter((algorithm) => sent.includes(headerOf(algorithm)))
    return new Map(used.map((algorithm) => [algorithm, newChecksum(algorithm)]))
  }

  #checkSha256(actual: string): void {
    const declared = this.#source.headers['x-amz-content-sha256'] ?? ''
    if (!/^[0-9a-f]{64}$/.test(declared) || declared === actual) return
    throw new ApiError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    )
  }

  #checkMd5(actual: Buffer): void {
    const declared = this.#source.headers['content-md5']
    if (declared === undefined) return
    if (!/^[A-Za-z0-9+/]{22}==$/.test(declared)) {
      throw new ApiError('InvalidDigest', 'The Content-MD5 you specified is not valid.')
    }
    if (declared !== actual.toString('base64')) {
      throw new ApiError(
        'BadDigest',
        'The Content-MD5 you specified did not match what we received.',
      )
    }
  }

  async #checkChecksums(checksums: ReadonlyMap<ChecksumAlgorithm, Checksum>) {
    const found: Record<string, string> = {}
    for (const [algorithm, checksum] of checksums) {
      const name = headerOf(algorithm)
      const declared = this.#trailers.get(name) ?? this.#source.headers[name]
      const actual = (await checksum.digest()).toString('base64')
      if (declared !== actual) {
        throw new ApiError(
          'BadDigest',
          `The ${algorithm} you specified did not match the calculated checksum.`,
        )
      }
      found[algorithm] = actual
    }
    return found
  }
}

function headerOf(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`
}

function incomplete(problem: string): ApiError {
  return new ApiError(
    'IncompleteBody',
    `The request body ${problem} by the Content-Length HTTP header`,
  )
}
