/**
 * The content encoding `aws-chunked`: a body in chunks that may be signed one by one, each signature made over the one before, with
 * checksums after the last ("Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks", and "… Including
 * Trailing Headers", S3 API reference).
 */
import { createHash, createHmac, type Hash } from 'node:crypto'
import { ApiError } from './errors.ts'

/** What chunks are signed with; the first is signed over the request's own signature. */
export interface ChunkSigner {
  readonly key: Uint8Array
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly timestamp: string
  /** `20260101/us-west-2/s3/aws4_request`. */
  readonly scope: string
  readonly signature: string
}

/** Lines of ours are shorter: a size and a signature, or a checksum's name and value. */
const maxLine = 4096

/**
 * The bytes of the chunks.
 * @param signer null: signatures are not looked at
 * @param trailers gets what follows the last chunk, names in lower case
 * @throws ApiError InvalidChunkSizeError, IncompleteBody, SignatureDoesNotMatch
 */
export async function* decodeChunks(
  source: AsyncIterable<Buffer>,
  signer: ChunkSigner | null,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const bytes = new ByteReader(source)
  const signatures = signer === null ? null : new ChunkSignatures(signer)
  for (;;) {
    const [size, signature] = parseChunkHead(await bytes.line())
    const hash = signatures === null ? null : createHash('sha256')
    for (let left = size; left > 0; ) {
      const piece = await bytes.upTo(left)
      hash?.update(piece)
      left -= piece.byteLength
      yield piece
    }
    if (hash !== null) signatures?.checkChunk(hash, signature)
    if (size === 0) break
    if ((await bytes.line()) !== '') throw invalidChunk()
  }
  await readTrailers(bytes, signatures, trailers)
}

async function readTrailers(
  bytes: ByteReader,
  signatures: ChunkSignatures | null,
  trailers: Map<string, string>,
): Promise<void> {
  let signature: string | undefined
  for (let line = await bytes.lastLine(); line !== ''; line = await bytes.lastLine()) {
    const colon = line.indexOf(':')
    if (colon < 1 || trailers.size > 16) throw invalidChunk()
    const name = line.slice(0, colon).toLowerCase().trim()
    const value = line.slice(colon + 1).trim()
    if (name === 'x-amz-trailer-signature') signature = value
    else trailers.set(name, value)
  }
  if (trailers.size > 0) signatures?.checkTrailers(trailers, signature)
}

/** `SIZE` in hexadecimal, or `SIZE;chunk-signature=SIGNATURE`. */
function parseChunkHead(line: string): [size: number, signature: string | undefined] {
  const [, size, signature] =
    /^([0-9a-f]{1,10})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(line) ?? []
  if (size === undefined) throw invalidChunk()
  return [Number.parseInt(size, 16), signature]
}

class ChunkSignatures {
  readonly #signer: ChunkSigner
  #before: string

  constructor(signer: ChunkSigner) {
    this.#signer = signer
    this.#before = signer.signature
  }

  checkChunk(content: Hash, signature: string | undefined): void {
    const empty = createHash('sha256').digest('hex')
    this.#check('AWS4-HMAC-SHA256-PAYLOAD', [empty, content.digest('hex')], signature)
  }

  checkTrailers(trailers: ReadonlyMap<string, string>, signature: string | undefined): void {
    const text = [...trailers].map(([name, value]) => `${name}:${value}\n`).join('')
    this.#check(
      'AWS4-HMAC-SHA256-TRAILER',
      [createHash('sha256').update(text).digest('hex')],
      signature,
    )
  }

  #check(algorithm: string, hashes: readonly string[], signature: string | undefined): void {
    const { key, timestamp, scope } = this.#signer
    const text = [algorithm, timestamp, scope, this.#before, ...hashes].join('\n')
    const expected = createHmac('sha256', key).update(text).digest('hex')
    if (signature !== expected) {
      throw new ApiError(
        'SignatureDoesNotMatch',
        'The chunk signature we calculated does not match the signature you provided.',
        403,
      )
    }
    this.#before = expected
  }
}

/** Lines and runs of bytes from pieces of any size. */
class ByteReader {
  readonly #source: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** Without its end. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf('\r\n')
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end)
        this.#rest = this.#rest.subarray(end + 2)
        return line
      }
      if (this.#rest.byteLength > maxLine) throw invalidChunk()
      this.#rest = Buffer.concat([this.#rest, await this.#next()])
    }
  }

  /** As {@link line}; the end of the body is an empty one, which some clients leave out. */
  async lastLine(): Promise<string> {
    try {
      return await this.line()
    } catch (error) {
      if (error instanceof ApiError && error.code === 'IncompleteBody' && this.#rest.length === 0) {
        return ''
      }
      throw error
    }
  }

  /** At least one byte, at most so many. */
  async upTo(most: number): Promise<Buffer> {
    while (this.#rest.byteLength === 0) this.#rest = await this.#next()
    const piece = this.#rest.subarray(0, most)
    this.#rest = this.#rest.subarray(piece.byteLength)
    return piece
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#source.next()
    if (!done) return value
    throw new ApiError(
      'IncompleteBody',
      'The request body terminated unexpectedly: its last chunk is missing',
    )
  }
}

function invalidChunk(): ApiError {
  return new ApiError('InvalidChunkSizeError', 'The body is not as aws-chunked has it')
}
