import { describe, expect, test } from 'vitest'
import { desyncCases } from '../../../test/support/desync-cases.ts'
import { classify } from './classify.ts'
import type { Header, ParsedRequest } from './parsed-request.ts'

describe('the corpus of http-desync-guardian', () => {
  test.each(desyncCases)('$title', ({ request, tier, reason, headerTiers }) => {
    const expected = { tier, reason: tier === 'Compliant' ? null : reason }
    expect(classify(request)).toEqual({ classification: expected, headerTiers })
  })

  test('is whole', () => expect(desyncCases).toHaveLength(159))
})

function post(headers: readonly Header[], change: Partial<ParsedRequest> = {}): ParsedRequest {
  return { method: 'POST', uri: '/', version: 'HTTP/1.1', headers, ...change }
}

function reasonOf(request: ParsedRequest): string | null {
  return classify(request).classification.reason
}

describe('what the library lets pass', () => {
  test.each(['http/1.1', 'XTTP/1.1', 'HTTP/9', 'HTTP/2', 'HTTP/2.0', 'HTTP/1.10', 'HTTP/11'])(
    'the version %s',
    (version) => expect(reasonOf(post([], { version }))).toBe('BadVersion'),
  )

  test.each([
    ['Content-Length', '', 'BadContentLength'],
    ['Content-Length', ' \t', 'BadContentLength'],
    ['Transfer-Encoding', 'chunked, identity, chunked', 'MultipleTransferEncodingChunked'],
    ['Transfer-Encoding', 'chunked, gzip, chunked', 'MultipleTransferEncodingChunked'],
    ['Transfer-Encoding', 'chunked, gzip', 'BadTransferEncoding'],
    ['Transfer-Encoding', 'gzip', 'BadTransferEncoding'],
    ['Transfer-Encoding', 'identity', 'BadTransferEncoding'],
    ['TransferEncoding', 'chunked', 'SuspiciousHeader'],
    ['ContentLength', '1', 'SuspiciousHeader'],
    ['content_length', '1', 'SuspiciousHeader'],
    ['Trans-fer-Encoding', 'chunked', 'SuspiciousHeader'],
  ])('%s: %s', (name, value, reason) => {
    expect(reasonOf(post([{ name, value }]))).toBe(reason)
  })

  test.each(['X-Transfer-Encoding', 'Content-Encoding', 'Transfer-Encodings', 'Content-Lengt'])(
    'but not %s, which nobody takes for framing',
    (name) => expect(reasonOf(post([{ name, value: '1' }]))).toBeNull(),
  )
})
