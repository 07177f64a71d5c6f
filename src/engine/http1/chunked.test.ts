import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChunkedDecoder } from './chunked.ts'

interface Decoded {
  data: string
  end: 'done' | 'more' | 'malformed'
  rest: string
}

/** What the decoder makes of text that comes in parts of these lengths (the last one is repeated). */
function decode(text: string, lengths: readonly number[]): Decoded {
  const decoder = new ChunkedDecoder()
  let data = ''
  let at = 0
  for (let i = 0; at < text.length; i += 1) {
    const length = lengths[Math.min(i, lengths.length - 1)] ?? text.length
    const bytes = Buffer.from(`..${text.slice(at, at + length)}`, 'latin1')
    const count = decoder.decode(bytes, 2, bytes.length)
    if (count < 0) return { data, end: 'malformed', rest: '' }
    data += bytes.toString('latin1', 2, 2 + count)
    if (decoder.done) return { data, end: 'done', rest: text.slice(at + decoder.consumed - 2) }
    at += length
  }
  return { data, end: 'more', rest: '' }
}

test('every list of chunks decodes to its data, however it is split', () => {
  const chunk = fc.record({
    data: fc.string({ minLength: 1, maxLength: 50, unit: 'binary-ascii' }),
    zeros: fc.constantFrom('', '0', '000'),
    extension: fc.constantFrom('', ';a', ';a="b c"', ' ;x=\t1'),
  })
  fc.assert(
    fc.property(
      fc.array(chunk, { maxLength: 8 }),
      fc.constantFrom('', 'A: b\r\n', 'A:\r\nB: \xff\r\n'),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (chunks, trailers, lengths) => {
        const coded = chunks.map(
          ({ data, zeros, extension }) =>
            `${zeros}${data.length.toString(16)}${extension}\r\n${data}\r\n`,
        )
        const text = `${coded.join('')}0\r\n${trailers}\r\nNEXT`
        const data = chunks.map((each) => each.data).join('')
        expect(decode(text, [text.length])).toEqual({ data, end: 'done', rest: 'NEXT' })
        expect(decode(text, lengths)).toEqual({ data, end: 'done', rest: 'NEXT' })
      },
    ),
  )
})

describe('malformed coding is noticed wherever it is split', () => {
  test.each([
    ['no size', '\r\n'],
    ['a size that is no number', 'g\r\n'],
    ['a sign', '+1\r\nx\r\n'],
    ['a prefix', '0x1\r\nx\r\n'],
    ['a size of 13 digits', '0000000000001\r\n'],
    ['a bare LF after the size', '1\nx\r\n'],
    ['a bare CR in an extension', '1;a\rb\r\n'],
    ['a bare LF in an extension', '1;a\nb\r\n'],
    ['a long extension', `1;${'a'.repeat(4097)}\r\n`],
    ['more data than the size', '1\r\nxx\r\n'],
    ['less data than the size', '3\r\nx\r\n0\r\n\r\n'],
    ['a bare LF after the data', '1\r\nx\n'],
    ['a trailer without a name', '0\r\n: a\r\n\r\n'],
    ['a trailer without a colon', '0\r\na\r\n\r\n'],
    ['a folded trailer', '0\r\na: b\r\n c\r\n\r\n'],
    ['a bare LF at the end', '0\r\n\n'],
    ['long trailers', `0\r\n${'a: b\r\n'.repeat(4200)}`],
  ])('%s', (_, text) => {
    expect(decode(text, [text.length]).end).toBe('malformed')
    expect(decode(text, [1]).end).toBe('malformed')
  })
})

test('any bytes decode or are malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(
        new ChunkedDecoder().decode(Buffer.from(bytes), 0, bytes.length),
      ).toBeGreaterThanOrEqual(-1)
    }),
  )
})
