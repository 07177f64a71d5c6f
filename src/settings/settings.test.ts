import { expect, test } from 'vitest'
import { readSettings } from './settings.ts'

const none = { flags: {}, environment: {}, file: undefined }

test('the command line beats the environment, which beats the file, which beats the default', () => {
  const file = { region: 'eu-west-1', accountId: '111111111111', logLevel: 'debug' }
  const environment = { WEIR_REGION: 'eu-west-2', WEIR_LOG_LEVEL: 'warn' }
  const settings = readSettings({ flags: { region: 'eu-west-3' }, environment, file })
  expect(settings).toMatchObject({
    region: 'eu-west-3',
    logLevel: 'warn',
    accountId: '111111111111',
    api: '127.0.0.1:4566',
  })
})

test('a wrong value is named with its setting, and so is an unknown setting', () => {
  expect(() => readSettings({ ...none, flags: { api: 'nowhere', threads: '0' } })).toThrow(
    /--api \(WEIR_API\): "nowhere"[\s\S]*--threads/,
  )
  expect(() => readSettings({ ...none, file: { regin: 'us-west-2' } })).toThrow(
    'unknown setting: regin',
  )
})

test.each([
  ['', 'threads'],
  ['1e2', 'drainTimeout'],
  ['', 'drainTimeout'],
  ['1023', 'maxRequestLine'],
  ['65537', 'maxHeaderLine'],
  ['1023', 'maxHeaders'],
  ['16777217', 'maxPipelined'],
  [true, 'threads'],
  [[5], 'maxTags'],
  [null, 'maxTags'],
  [1.5, 'maxTags'],
  ['300.1.0.0/16', 'defaultVpc'],
  ['http://acme.example.com/directory', 'acmeDirectory'],
  ['acme.example.com', 'acmeDirectory'],
])('%j is no value of %s', (value, name) => {
  expect(() => readSettings({ ...none, file: { [name]: value } })).toThrow(/^--[a-z-]+ \(WEIR_/)
})

test('a head of the greatest size has to fit into what is held of a client’s requests', () => {
  const flags = { maxHeaders: '1048576' }
  expect(() => readSettings({ ...none, flags })).toThrow(
    /--max-pipelined 131072 is less than \d+, .*--max-headers/,
  )
  const fitting = { ...flags, maxPipelined: '2000000' }
  expect(readSettings({ ...none, flags: fitting }).maxHeaders).toBe(1_048_576)
})

test('an API without authentication is refused on an address that is not loopback', () => {
  expect(() => readSettings({ ...none, flags: { auth: 'none', api: '0.0.0.0:4566' } })).toThrow(
    'not a loopback address',
  )
  expect(() =>
    readSettings({ ...none, flags: { auth: 'none', api: '127.example.com:4566' } }),
  ).toThrow('not a loopback address')
  expect(readSettings({ ...none, flags: { dev: true, api: '[::1]:0' } }).dev).toBe(true)
})

test('what is said to an ACME server needs one', () => {
  const flags = { acmeContact: 'ops@example.com' }
  expect(() => readSettings({ ...none, flags })).toThrow(
    '--acme-contact is of no use without --acme-directory',
  )
  const fitting = { ...flags, acmeDirectory: 'https://acme.example.com/directory' }
  expect(readSettings({ ...none, flags: fitting })).toMatchObject(fitting)
})
