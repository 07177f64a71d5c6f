import { expect, test } from 'vitest'
import { startTestEndpoint } from '../../../test/support/aws-endpoint.ts'
import type { AwsRequest } from './protocol.ts'

const unsigned = { auth: { kind: 'none', ownNames: [] } } as const

/** Asks ACM in raw JSON. */
async function ask(body: string, changes: Record<string, string> = {}) {
  await using endpoint = await startTestEndpoint({}, unsigned)
  const request: AwsRequest = {
    method: 'POST',
    rawUrl: '/',
    headers: {
      host: 'localhost',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'CertificateManager.ListCertificates',
      ...changes,
    },
    body: new TextEncoder().encode(body),
    remoteAddress: '127.0.0.1',
  }
  const { status, headers, body: answer } = await endpoint.aws(request)
  return { status, headers, answer: JSON.parse(String(answer)), log: endpoint.log() }
}

const target = (operation: string) => ({ 'x-amz-target': `CertificateManager.${operation}` })

test('an answer is JSON of the API’s version; no body asks for nothing in particular', async () => {
  for (const body of ['{}', '', '{"Unknown":1,"MaxItems":null}']) {
    const { status, headers, answer } = await ask(body)
    expect([status, answer]).toEqual([200, { CertificateSummaryList: [] }])
    expect(headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-requestid': expect.any(String),
    })
  }
})

test.each([
  ['no JSON', '{"MaxItems":', {}, 'SerializationException', 'The request is not JSON'],
  ['JSON that is no object', '[]', {}, 'SerializationException', 'The request is no object'],
  [
    'a text for a number',
    '{"MaxItems":"1"}',
    {},
    'SerializationException',
    'maxItems is no number',
  ],
  [
    'an object for a list',
    '{"CertificateStatuses":{}}',
    {},
    'SerializationException',
    'certificateStatuses is no list',
  ],
  [
    'a wrong item',
    '{"CertificateStatuses":["ISSUED",1]}',
    {},
    'SerializationException',
    'certificateStatuses.2.member is no string',
  ],
  [
    'bytes that are not base64',
    '{"Certificate":"-----BEGIN","PrivateKey":""}',
    target('ImportCertificate'),
    'SerializationException',
    'certificate is no base64',
  ],
  [
    'required members that are missing, all at once',
    '{"CertificateArn":"a"}',
    target('ImportCertificate'),
    'ValidationException',
    "2 validation errors detected: Value at 'certificate' failed to satisfy constraint: Member must not be null; Value at 'privateKey' failed to satisfy constraint: Member must not be null",
  ],
  [
    'a required member of an item that is missing',
    '{"CertificateArn":"a","Tags":[{"Value":"1"}]}',
    target('AddTagsToCertificate'),
    'ValidationException',
    "1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must not be null",
  ],
  [
    'an operation that the model lacks',
    '{}',
    target('Nope'),
    'UnknownOperationException',
    'Could not find operation Nope for version CertificateManager',
  ],
  [
    'another API',
    '{}',
    { 'x-amz-target': 'Nope.ListCertificates' },
    'UnknownOperationException',
    'Could not find operation ListCertificates for version Nope; available: acm CertificateManager',
  ],
])('%s is refused', async (_, body, headers, code, message) => {
  const { status, headers: answered, answer } = await ask(body, headers)
  expect([status, answer]).toEqual([400, { __type: code, message }])
  expect(answered['x-amzn-errortype']).toBe(code)
})

test('another content type is refused, in JSON as the target asks for it', async () => {
  const { status, answer } = await ask('{}', { 'content-type': 'text/plain' })
  expect([status, answer.__type]).toEqual([415, 'UnsupportedMediaType'])
})

test('a request that is not signed is refused in the words of the JSON protocols', async () => {
  await using endpoint = await startTestEndpoint()
  const { status, body } = await endpoint.aws({
    method: 'POST',
    rawUrl: '/',
    headers: {
      host: 'localhost',
      'content-type': 'application/x-amz-json-1.1',
      ...target('ListCertificates'),
    },
    body: new Uint8Array(),
    remoteAddress: '127.0.0.1',
  })
  expect([status, JSON.parse(String(body))]).toEqual([
    400,
    {
      __type: 'MissingAuthenticationTokenException',
      message: 'Request is missing Authentication Token',
    },
  ])
})

test('the log names service and operation, and never what was sent', async () => {
  const { log } = await ask('{"Certificate":"c2VjcmV0","PrivateKey":"c2VjcmV0"}', {
    ...target('ImportCertificate'),
  })
  expect(log).toMatchObject([{ service: 'acm', operation: 'ImportCertificate', status: 400 }])
  expect(JSON.stringify(log)).not.toMatch(/secret|c2VjcmV0/)
})
