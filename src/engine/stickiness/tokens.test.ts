import { expect, test } from 'vitest'
import { Tokens } from './tokens.ts'

const key = Buffer.alloc(32, 1).toString('base64')
const candidates = ['i-1', 'i-2'].map((id) => ({ id, target: `target ${id}` }))
const tokens = new Tokens(key, 'pool', candidates, null)

test('a token leads to its target, in whichever process it was made', () => {
  const elsewhere = new Tokens(key, 'pool', candidates, null)
  for (const { target } of candidates) {
    const token = tokens.token(target) ?? ''
    expect(token).toMatch(/^[0-9A-F]{40}$/)
    expect(elsewhere.target(token)).toBe(target)
  }
  expect(tokens.token('target i-1')).not.toBe(tokens.token('target i-2'))
})

test('what is changed, of another key or another pool, or of a target that is gone leads nowhere', () => {
  const token = tokens.token('target i-1') ?? ''
  const otherKey = Buffer.alloc(32, 2).toString('base64')
  const changed = [...token].map(
    (digit, at) => `${token.slice(0, at)}${digit === '0' ? '1' : '0'}${token.slice(at + 1)}`,
  )
  for (const value of ['', token.slice(0, -1), `${token}0`, token.toLowerCase(), ...changed]) {
    if (value !== token) expect(tokens.target(value)).toBeUndefined()
  }
  expect(new Tokens(otherKey, 'pool', candidates, tokens).target(token)).toBeUndefined()
  expect(new Tokens(key, 'pool-2', candidates, tokens).target(token)).toBeUndefined()
  const without = new Tokens(key, 'pool', candidates.slice(1), tokens)
  expect(without.target(token)).toBeUndefined()
  expect(without.token('target i-1')).toBeUndefined()
  expect(without.token('target i-2')).toBe(tokens.token('target i-2'))
})

test('what is sealed opens as it was, and not after any change or in another pool', () => {
  const text = 'Path=/\xe9;Secure'
  const sealed = tokens.seal(text)
  expect(tokens.open(sealed)).toBe(text)
  expect(tokens.open(tokens.seal(''))).toBe('')
  expect(new Tokens(key, 'pool-2', candidates, null).open(sealed)).toBeUndefined()
  const bytes = Buffer.from(sealed, 'base64url')
  for (let i = 0; i < bytes.length; i += 1) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8((changed[i] ?? 0) ^ 1, i)
    expect(tokens.open(changed.toString('base64url'))).toBeUndefined()
    expect(tokens.open(bytes.subarray(0, i).toString('base64url'))).toBeUndefined()
  }
  expect(tokens.open('!')).toBeUndefined()
})
