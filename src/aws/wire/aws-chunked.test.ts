import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { type ChunkSigner, decodeChunks } from './aws-chunked.ts'

/** "Example: PUT Object" of "Transferring Payload in Multiple Chunks", S3 API reference. */
const example = (() => {
  const hmac = (key: string | Uint8Array, text: string) =>
    createHmac('sha256', key).update(text).digest()
  const secret = 'AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
  const key = ['us-east-1', 's3', 'aws4_request'].reduce(hmac, hmac(secret, '20130524'))
  const signer: ChunkSigner = {
    key,
    timestamp: '20130524T000000Z',
    scope: '20130524/us-east-1/s3/aws4_request',
    signature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
  }
  const body = [
    '10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n',
    `${'a'.repeat(65_536)}\r\n`,
    '400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n',
    `${'a'.repeat(1024)}\r\n`,
    '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n',
    '\r\n',
  ].join('')
  return { signer, body }
})()

async function decode(body: string, signer: ChunkSigner | null, pieceLength = body.length) {
  async function* pieces() {
    for (let at = 0; at < body.length; at += pieceLength) {
      yield Buffer.from(body.slice(at, at + pieceLength), 'latin1')
    }
  }
  const trailers = new Map<string, string>()
  const content = await Array.fromAsync(decodeChunks(pieces(), signer, trailers))
  return { content: Buffer.concat(content).toString('latin1'), trailers: [...trailers] }
}

test.each([66_824, 1000, 7])(
  'the example of the documentation, in pieces of %i bytes',
  async (length) => {
    const { content } = await decode(example.body, example.signer, length)
    expect(content).toBe('a'.repeat(66_560))
  },
)

test.each([
  ['a byte that was changed', example.body.replace('aaaa', 'aaab'), 'SignatureDoesNotMatch'],
  [
    'a chunk that was left out',
    example.body.replace(/400;.*?(?=0;chunk)/s, ''),
    'SignatureDoesNotMatch',
  ],
  [
    'a chunk without a signature',
    example.body.replace(/;chunk-[^\r]*/, ''),
    'SignatureDoesNotMatch',
  ],
  ['an end that is missing', example.body.slice(0, -100), 'IncompleteBody'],
  [
    'a chunk that is longer than it says',
    example.body.replace(/^10000/, 'ffff'),
    'SignatureDoesNotMatch',
  ],
  ['a line without an end', 'a'.repeat(100_000), 'InvalidChunkSizeError'],
])('%s is refused', async (_, body, code) => {
  await expect(decode(body, example.signer)).rejects.toMatchObject({ code })
})

test('trailers of a body that is not signed are told, whatever pieces it comes in', async () => {
  const body = '3\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n'
  for (let length = 1; length <= body.length; length += 1) {
    expect(await decode(body, null, length)).toEqual({
      content: 'abcde',
      trailers: [['x-amz-checksum-crc32', 'AAAAAA==']],
    })
  }
})
