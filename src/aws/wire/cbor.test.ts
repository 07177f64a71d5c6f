import { gzipSync } from 'node:zlib'
import { cbor } from '@smithy/core/cbor'
import { expect, test } from 'vitest'
import { startCloudWatch } from '../../../test/support/cloudwatch.ts'

interface Request {
  readonly operation?: string
  readonly body?: Uint8Array
  readonly method?: string
  readonly headers?: Record<string, string>
}

/** Asks CloudWatch in raw CBOR. */
async function ask({ operation = 'ListMetrics', body, method = 'POST', headers }: Request) {
  const { api } = await startCloudWatch()
  const path = `/service/GraniteServiceVersion20100801/operation/${operation}`
  const response = await fetch(`${api.url}${path}`, {
    method,
    headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor', ...headers },
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  })
  return {
    status: response.status,
    protocol: response.headers.get('smithy-protocol'),
    code: response.headers.get('x-amzn-query-error'),
    body: cbor.deserialize(new Uint8Array(await response.arrayBuffer())),
  }
}

test('an answer is CBOR; no body asks for nothing in particular', async () => {
  for (const body of [undefined, cbor.serialize({})]) {
    expect(await ask(body === undefined ? {} : { body })).toEqual({
      status: 200,
      protocol: 'rpc-v2-cbor',
      code: null,
      body: { Metrics: [] },
    })
  }
})

test.each<[string, Request, number, string, string]>([
  [
    'what is no CBOR',
    { body: Buffer.from('{"Namespace":"Shop"}') },
    400,
    'SerializationException',
    'The request is not CBOR, or has more of it than is served',
  ],
  [
    'a number for a text',
    { body: cbor.serialize({ Namespace: 1 }) },
    400,
    'SerializationException',
    'namespace is no string',
  ],
  [
    'required members that are missing',
    { operation: 'PutMetricData', body: cbor.serialize({}) },
    400,
    'ValidationException',
    "1 validation error detected: Value at 'namespace' failed to satisfy constraint: Member must not be null",
  ],
  [
    'an operation that is not built',
    { operation: 'PutDashboard' },
    400,
    'UnsupportedOperationException',
    'Operation PutDashboard of monitoring is not available here',
  ],
  [
    'an operation that the model lacks',
    { operation: 'Nope' },
    400,
    'UnknownOperationException',
    'Could not find operation Nope for version GraniteServiceVersion20100801',
  ],
  [
    'another method',
    { method: 'PUT' },
    404,
    'ResourceNotFound',
    'Requests in CBOR are POST /service/…/operation/…',
  ],
  [
    'another content type',
    { body: cbor.serialize({}), headers: { 'content-type': 'application/json' } },
    415,
    'UnsupportedMediaType',
    "Content type 'application/json' is not served; use application/cbor",
  ],
  [
    'a body packed in another way than gzip',
    { body: cbor.serialize({}), headers: { 'content-encoding': 'br' } },
    415,
    'UnsupportedMediaType',
    "Content encoding 'br' is not served",
  ],
  [
    'a body that is not packed, but says so',
    { body: cbor.serialize({}), headers: { 'content-encoding': 'gzip' } },
    400,
    'SerializationException',
    'The request is not gzip',
  ],
  [
    'a small body that would be large unpacked',
    { body: gzipSync(Buffer.alloc(2_000_000)), headers: { 'content-encoding': 'gzip' } },
    413,
    'RequestEntityTooLarge',
    "The request's body is larger than 1048576 bytes",
  ],
])('%s is refused', async (_, request, status, type, message) => {
  const answer = await ask(request)
  expect([answer.status, answer.body]).toEqual([status, { __type: type, message }])
  expect(answer.protocol).toBe('rpc-v2-cbor')
})
