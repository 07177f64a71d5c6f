import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cookieValues, setCookies } from './cookies.ts'

function request(...fields: string[]): string {
  return `GET /AWSELB=path HTTP/1.1\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`
}

describe('the cookies of a request', () => {
  test.each<[string, string[], string[]]>([
    ['are found among others', ['Cookie: a=1; AWSELB=x; b=2'], ['x']],
    ['are found in any field, whatever its case', ['cOOkie:b=2', 'Cookie:AWSELB=x'], ['x']],
    ['keep their order', ['Cookie: AWSELB=x; AWSELB=y', 'Cookie: AWSELB=z'], ['x', 'y', 'z']],
    ['may be quoted', ['Cookie: AWSELB="x y"; AWSELB="'], ['x y', '"']],
    ['may have white space about', ['Cookie:\tAWSELB=\t x ;;; =; AWSELB'], ['x']],
    ['may hold equals signs, or nothing', ['Cookie: AWSELB=a=b; AWSELB='], ['a=b', '']],
    ['have case-sensitive, whole names', ['Cookie: awselb=x; AWSELBCORS=y; XAWSELB=z'], []],
    ['are in Cookie only', ['X-Cookie: AWSELB=x', 'Cookie2: AWSELB=y', 'Set-Cookie: AWSELB=z'], []],
  ])('%s', (_, fields, values) => {
    expect(cookieValues(request(...fields), 'AWSELB')).toEqual(values)
  })

  const octet = fc.constantFrom(...'aZ09!#$%&\'*+-.^_`|~()/:<>?@[]{}"')
  const name = fc.string({ unit: fc.constantFrom(...'aBcAWSELB'), minLength: 1, maxLength: 7 })
  const value = fc
    .string({ unit: octet, maxLength: 8 })
    .filter((text) => !/^".*"$/.test(text) || text === '"')
  const pairs = fc.array(fc.tuple(name, value), { maxLength: 8 })
  const blank = fc.constantFrom('', ' ', '\t ')

  test('are those that were written, however they are spread over fields', () => {
    fc.assert(
      fc.property(fc.array(pairs, { maxLength: 4 }), blank, (fields, space) => {
        const lines = fields.map(
          (field) =>
            `Cookie:${space}${field.map((pair) => pair.join('=')).join(`${space};${space}`)}`,
        )
        const all = fields.flat()
        for (const [wanted] of all) {
          const expected = all.filter(([each]) => each === wanted).map(([, each]) => each)
          expect(cookieValues(request(...lines), wanted)).toEqual(expected)
        }
      }),
    )
  })

  test('never fail, whatever a client writes', () => {
    const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))
    const piece = fc.oneof(byte, fc.constantFrom('\r\nCookie:', 'AWSELB', '=', ';', '\r\n', '"'))
    fc.assert(
      fc.property(fc.string({ unit: piece }), (head) => {
        for (const one of cookieValues(head, 'AWSELB')) expect(head).toContain(one)
        for (const { attributes } of setCookies(head, 'AWSELB')) {
          for (const one of attributes) expect(head).toContain(one)
        }
      }),
    )
  })
})

test('a response’s cookies are read with their attributes as written', () => {
  const fields = [
    'Set-Cookie: a=1; Path=/x_y;Secure ; Max-Age = 5',
    'Content-Type: a=b',
    'SET-COOKIE:a=2;',
    'Set-Cookie: aa=1; a=1',
    'Set-Cookie: A=1',
    'Set-Cookie: a; Path=/',
    'Set-Cookie: a=',
    'Set-Cookie:',
  ]
  const head = `HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\n\r\n`
  expect(setCookies(head, 'a')).toEqual([
    { attributes: ['Path=/x_y', 'Secure', 'Max-Age = 5'] },
    { attributes: [''] },
    { attributes: [] },
  ])
  expect(setCookies(head, 'b')).toEqual([])
})
