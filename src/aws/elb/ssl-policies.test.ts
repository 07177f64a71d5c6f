import { expect, test } from 'vitest'
import {
  findPredefinedSslPolicy,
  predefinedSslPolicies,
  sslCiphers,
  sslSwitches,
} from './ssl-policies.ts'

test('there are 88 ciphers, each once', () => {
  expect(new Set(sslCiphers).size).toBe(88)
  expect(sslCiphers).toHaveLength(88)
})

test.each(predefinedSslPolicies)('$name enables known protocols and ciphers', ({ enabled }) => {
  expect(enabled.filter((name) => !sslSwitches.includes(name))).toEqual([])
  expect(new Set(enabled).size).toBe(enabled.length)
  expect(enabled.some((name) => name.startsWith('Protocol-'))).toBe(true)
})

test('the guide’s second names of the samples mean the same', () => {
  expect(findPredefinedSslPolicy('ELBSample-ELBDefaultNegotiationPolicy')?.name).toBe(
    'ELBSample-ELBDefaultCipherPolicy',
  )
  expect(findPredefinedSslPolicy('ELBSecurityPolicy-2031-01')).toBeUndefined()
})
