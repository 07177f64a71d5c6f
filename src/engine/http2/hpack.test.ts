import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HpackDecoder } from './hpack-decoder.ts'
import { HpackEncoder } from './hpack-encoder.ts'
import { decodeHuffman, encodeHuffman, huffmanLength, mostDecoded } from './huffman.ts'

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')
}

/** The fields of a block as `name: value`; null when it cannot be read. */
function decode(decoder: HpackDecoder, hex: string | Buffer): string[] | null {
  const fields: string[] = []
  const block = typeof hex === 'string' ? bytes(hex) : hex
  const receiver = {
    field: ({ name, value }: { name: { text: string }; value: string }) =>
      void fields.push(`${name.text}: ${value}`),
  }
  return decoder.decode(block, 0, block.length, receiver) ? fields : null
}

const request = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com']
const secondRequest = [...request, 'cache-control: no-cache']
const thirdRequest = [
  ':method: GET',
  ':scheme: https',
  ':path: /index.html',
  ':authority: www.example.com',
  'custom-key: custom-value',
]
const response = [
  ':status: 302',
  'cache-control: private',
  'date: Mon, 21 Oct 2013 20:13:21 GMT',
  'location: https://www.example.com',
]
const secondResponse = [':status: 307', ...response.slice(1)]
const thirdResponse = [
  ':status: 200',
  'cache-control: private',
  'date: Mon, 21 Oct 2013 20:13:22 GMT',
  'location: https://www.example.com',
  'content-encoding: gzip',
  'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
]

describe('the examples of RFC 7541, appendix C', () => {
  test.each([
    [
      'C.2.1',
      '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572',
      'custom-key: custom-header',
    ],
    ['C.2.2', '040c 2f73 616d 706c 652f 7061 7468', ':path: /sample/path'],
    ['C.2.3', '1008 7061 7373 776f 7264 0673 6563 7265 74', 'password: secret'],
    ['C.2.4', '82', ':method: GET'],
  ])('%s', (_, hex, field) => expect(decode(new HpackDecoder(), hex)).toEqual([field]))

  test.each([
    [
      'C.3',
      '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '8286 84be 5808 6e6f 2d63 6163 6865',
      '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
    ],
    [
      'C.4',
      '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
      '8286 84be 5886 a8eb 1064 9cbf',
      '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
    ],
  ])('%s', (_, first, second, third) => {
    const decoder = new HpackDecoder()
    expect(decode(decoder, first)).toEqual(request)
    expect(decode(decoder, second)).toEqual(secondRequest)
    expect(decode(decoder, third)).toEqual(thirdRequest)
  })

  // Theirs are for a table of 256 bytes, which is what they begin with here.
  test.each([
    [
      'C.5',
      '4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '4803 3330 37c1 c0bf',
      '88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31',
    ],
    [
      'C.6',
      '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
      '4883 640e ffc1 c0bf',
      '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
    ],
  ])('%s', (_, first, second, third) => {
    const decoder = new HpackDecoder()
    expect(decode(decoder, `3fe101${first}`)).toEqual(response)
    expect(decode(decoder, second)).toEqual(secondResponse)
    expect(decode(decoder, third)).toEqual(thirdResponse)
  })
})

test.each([
  ['an index beyond the tables', 'be'],
  ['index 0', '80'],
  ['a name with an index beyond the tables', '7e00'],
  ['a table larger than allowed', '3fe21f'],
  ['a table size behind a field', '8220'],
  ['an integer without an end', '7fffffffffffffffff'],
  ['an integer beyond all blocks', '0f ff ff ff ff 7f 00'],
  ['a string that is longer than the block', '400a 6375'],
  ['a field without its value', '0401'],
  ['the end of a string within one', '4001 6183 ff ff ff'],
  ['padding of a whole byte', '4001 6182 1f ff'],
  ['padding of zeros', '4001 6181 18'],
])('%s cannot be read', (_, hex) => expect(decode(new HpackDecoder(), hex)).toBeNull())

test('the table forgets the oldest first, and all for a field larger than itself', () => {
  const decoder = new HpackDecoder()
  // Two fields of 34 bytes each, in a table for one and a half.
  expect(decode(decoder, '3f14 4001 6101 31 4001 6201 32 be')).toEqual(['a: 1', 'b: 2', 'b: 2'])
  expect(decode(decoder, 'bf')).toBeNull()
  expect(decode(decoder, `4001 63 14 ${'33'.repeat(20)}`)).toEqual([`c: ${'3'.repeat(20)}`])
  expect(decode(decoder, 'be')).toBeNull()
})

test('what is encoded decodes to itself, names in lower case', () => {
  const latin1 = fc.string({
    unit: fc.nat(255).map((code) => String.fromCharCode(code)),
    maxLength: 300,
  })
  const name = fc.oneof(
    fc.stringMatching(/^[A-Za-z-]{1,40}$/),
    fc.constantFrom('Date', 'X-Own', 'CONTENT-TYPE'),
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 999 }),
      fc.array(fc.tuple(name, latin1)),
      (status, fields) => {
        const encoder = new HpackEncoder()
        encoder.begin(true)
        encoder.status(status)
        for (const [key, value] of fields) {
          const line = `..${key}${value}..`
          const nameEnd = 2 + key.length
          encoder.field(line, 2, nameEnd, nameEnd, nameEnd + value.length)
        }
        const expected = fields.map(([key, value]) => `${key.toLowerCase()}: ${value}`)
        const block = encoder.bytes.subarray(0, encoder.length)
        expect(decode(new HpackDecoder(), block)).toEqual([`:status: ${status}`, ...expected])
      },
    ),
  )
})

test('every byte has its code', () => {
  const text = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('latin1')
  const coded = Buffer.alloc(1000)
  const length = encodeHuffman(text, 0, 256, coded, 0)
  expect(length).toBe(huffmanLength(text, 0, 256))
  const into = Buffer.alloc(mostDecoded(length))
  expect(decodeHuffman(coded, 0, length, into)).toBe(256)
  expect(into.toString('latin1', 0, 256)).toBe(text)
})

test('whatever comes, a block is read or refused', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 5 }), (blocks) => {
      const decoder = new HpackDecoder()
      for (const block of blocks) decode(decoder, Buffer.from(block))
    }),
  )
})
