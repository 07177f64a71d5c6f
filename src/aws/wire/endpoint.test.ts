import { describe, expect, it } from 'vitest'
import { startTestEndpoint } from '../../../test/support/aws-endpoint.ts'
import type { AwsEndpoint } from './endpoint.ts'
import { ApiError } from './errors.ts'
import type { AwsRequest } from './protocol.ts'
import { queryProtocol } from './query.ts'
import type { Service } from './service.ts'

const unsigned = { auth: { kind: 'none', ownNames: [] } } as const

function get(query: string, changes: Partial<AwsRequest> = {}): AwsRequest {
  return {
    method: 'GET',
    rawUrl: `/?${query}`,
    headers: { host: 'localhost:4566' },
    body: new Uint8Array(),
    remoteAddress: '127.0.0.1',
    ...changes,
  }
}

function post(form: string, contentType = 'application/x-www-form-urlencoded'): AwsRequest {
  return get('', {
    method: 'POST',
    rawUrl: '/',
    headers: { host: 'localhost:4566', 'content-type': contentType },
    body: new TextEncoder().encode(form),
  })
}

async function ask(aws: AwsEndpoint, request: AwsRequest) {
  const { status, headers, body } = await aws(request)
  const xml = String(body)
  const code = /<Code>(.*?)<\/Code>/.exec(xml)?.[1]
  const message = /<Message>(.*?)<\/Message>/s.exec(xml)?.[1]
  return { status, xml, code, message, requestId: headers['x-amzn-requestid'] ?? '' }
}

const elb = 'Version=2012-06-01&Action='

describe('an answer of the query protocol', () => {
  it('has a result element also when the operation has no output', async () => {
    const operations = { elb: { DeleteLoadBalancer: async () => ({}) } }
    await using endpoint = await startTestEndpoint(operations, unsigned)
    for (const request of [
      get(`${elb}DeleteLoadBalancer&LoadBalancerName=a`),
      post(
        `${elb}DeleteLoadBalancer&LoadBalancerName=a`,
        'application/x-www-form-urlencoded; charset=UTF-8',
      ),
    ]) {
      const { status, xml, requestId } = await ask(endpoint.aws, request)
      expect(status).toBe(200)
      expect(xml).toBe(
        '<DeleteLoadBalancerResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/">' +
          `<DeleteLoadBalancerResult/><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></DeleteLoadBalancerResponse>`,
      )
    }
  })

  it('has empty elements for empty lists, and never what XML cannot carry', async () => {
    const operations = {
      elb: {
        DescribeLoadBalancers: async () => ({
          LoadBalancerDescriptions: [{ LoadBalancerName: 'a\u0000<&\ud800\u001f]]>', Subnets: [] }],
        }),
      },
    }
    await using endpoint = await startTestEndpoint(operations, unsigned)
    const { xml } = await ask(endpoint.aws, get(`${elb}DescribeLoadBalancers`))
    expect(xml).toContain('<LoadBalancerName>a\ufffd&lt;&amp;\ufffd\ufffd]]&gt;</LoadBalancerName>')
    expect(xml).toContain('<Subnets/>')
  })

  it('tells errors in its own form', async () => {
    await using endpoint = await startTestEndpoint({}, unsigned)
    const { status, xml, requestId } = await ask(endpoint.aws, get(`${elb}CreateLoadBalancer`))
    expect(status).toBe(400)
    expect(xml).toBe(
      '<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/"><Error><Type>Sender</Type>' +
        '<Code>UnsupportedOperation</Code><Message>Operation CreateLoadBalancer of elasticloadbalancing is not available here</Message>' +
        `</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    )
  })
})

describe("an answer of EC2's protocol", () => {
  it('has the request id first, and `return` where the model has no output', async () => {
    const operations = {
      ec2: {
        CreateTags: async () => ({}),
        DescribeVpcs: async () => ({ Vpcs: [{ VpcId: 'vpc-1' }] }),
      },
    }
    await using endpoint = await startTestEndpoint(operations, unsigned)
    const head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    const vpcs = await ask(endpoint.aws, get('Version=2016-11-15&Action=DescribeVpcs'))
    expect(vpcs.xml).toBe(
      `${head}<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>${vpcs.requestId}</requestId>` +
        '<vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet></DescribeVpcsResponse>',
    )
    const tags = await ask(
      endpoint.aws,
      get('Version=2016-11-15&Action=CreateTags&ResourceId.1=a&Tag.1.Key=k'),
    )
    expect(tags.xml).toContain(`<requestId>${tags.requestId}</requestId><return>true</return>`)
    const error = await ask(endpoint.aws, get('Version=2016-11-15&Action=DescribeVpcs&Nope=1'))
    expect(error.xml).toBe(
      `${head}<Response><Errors><Error><Code>UnknownParameter</Code><Message>The parameter Nope is not recognized</Message></Error></Errors>` +
        `<RequestID>${error.requestId}</RequestID></Response>`,
    )
  })
})

describe('the endpoint refuses', () => {
  it.each<[string, AwsRequest, number, string, string]>([
    ['no action', get('Version=2012-06-01'), 400, 'MissingAction', 'Action'],
    ['an empty request', get(''), 400, 'MissingAction', 'Action'],
    [
      'an unknown action',
      get(`${elb}Nope`),
      400,
      'InvalidAction',
      'Could not find operation Nope for version 2012-06-01',
    ],
    [
      'a name of a prototype',
      get(`${elb}constructor`),
      400,
      'InvalidAction',
      'Could not find operation constructor',
    ],
    [
      'no version',
      get('Action=X'),
      400,
      'InvalidAction',
      'Could not find operation X for version NO_VERSION_SPECIFIED',
    ],
    [
      'the successor API',
      get('Action=X&Version=2015-12-01'),
      400,
      'InvalidAction',
      'Application and Network Load Balancers',
    ],
    [
      'an action given twice',
      get(`${elb}A&Action=B`),
      400,
      'MalformedInput',
      'Parameter Action is given twice',
    ],
    ['a broken escape', get(`${elb}A&x=%f`), 400, 'MalformedQueryString', 'syntax error'],
    [
      'another content type',
      post('{}', 'application/x-amz-json-1.1'),
      415,
      'UnsupportedMediaType',
      'application/x-amz-json-1.1',
    ],
    [
      'another charset',
      post(elb, 'application/x-www-form-urlencoded; charset=latin1'),
      415,
      'UnsupportedMediaType',
      'latin1',
    ],
    ['another method', get(`${elb}A`, { method: 'PUT' }), 405, 'UnsupportedHttpVerb', 'PUT'],
    ['another path', get('', { rawUrl: '/bucket' }), 404, 'ResourceNotFound', 'path /'],
    [
      'too large a body',
      post('x'.repeat(1_048_577)),
      413,
      'RequestEntityTooLarge',
      '1048576 bytes',
    ],
  ])('%s', async (_what, request, status, code, message) => {
    await using endpoint = await startTestEndpoint({}, unsigned)
    const answer = await ask(endpoint.aws, request)
    expect(answer).toMatchObject({ status, code, message: expect.stringContaining(message) })
  })

  it('what is not signed, in the words of the service', async () => {
    await using endpoint = await startTestEndpoint()
    const query = await ask(endpoint.aws, get(`${elb}DescribeLoadBalancers`))
    expect(query).toMatchObject({ status: 403, code: 'MissingAuthenticationToken' })
    const ec2 = await ask(endpoint.aws, get('Version=2016-11-15&Action=DescribeVpcs'))
    expect(ec2).toMatchObject({ status: 401, code: 'AuthFailure' })
    expect(ec2.xml).toContain('<Response><Errors>')
  })

  it('a scope of another service or with no region', async () => {
    await using endpoint = await startTestEndpoint({}, unsigned)
    const signedFor = (region: string, service: string) =>
      get(`${elb}DescribeLoadBalancers`, {
        headers: {
          host: 'localhost',
          'x-amz-date': '20260101T000000Z',
          authorization: `AWS4-HMAC-SHA256 Credential=AKIA/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
        },
      })
    const service = await ask(endpoint.aws, signedFor('us-west-2', 's3'))
    expect(service).toMatchObject({
      code: 'UnsupportedOperation',
      message: expect.stringContaining('available are acm, ec2, elastic'),
    })
    const region = await ask(endpoint.aws, signedFor('moon', 'elasticloadbalancing'))
    expect(region).toMatchObject({
      code: 'SignatureDoesNotMatch',
      message: expect.stringContaining('valid region'),
    })
    const mixed = await ask(endpoint.aws, signedFor('us-west-2', 'ec2'))
    expect(mixed).toMatchObject({ code: 'InvalidAction' })
  })

  it('pages of other sites where signatures are not verified', async () => {
    await using endpoint = await startTestEndpoint({}, unsigned)
    const from = async (headers: Record<string, string>) =>
      (await ask(endpoint.aws, get('Version=2011-06-15&Action=GetCallerIdentity', { headers })))
        .status
    for (const host of [
      'localhost',
      'localhost:4566',
      '127.0.0.1:4566',
      '127.1.2.3',
      '[::1]:4566',
      'x.localhost',
    ]) {
      expect([host, await from({ host })]).toEqual([host, 200])
    }
    expect(await from({ host: 'localhost', 'sec-fetch-site': 'none' })).toBe(200)
    expect(await from({ host: 'rebound.example:4566' })).toBe(403)
    expect(await from({ host: '127.0.0.1.example' })).toBe(403)
    expect(await from({})).toBe(403)
    expect(await from({ host: 'localhost', origin: 'http://evil.example' })).toBe(403)
    expect(await from({ host: 'localhost', 'sec-fetch-site': 'cross-site' })).toBe(403)
  })

  it('more requests at once than its bound', async () => {
    const gate = Promise.withResolvers<object>()
    const operations = { elb: { DescribeLoadBalancers: () => gate.promise } }
    await using endpoint = await startTestEndpoint(operations, {
      ...unsigned,
      limits: { requestsInProgress: 2 },
    })
    const request = get(`${elb}DescribeLoadBalancers`)
    const running = [ask(endpoint.aws, request), ask(endpoint.aws, request)]
    expect(await ask(endpoint.aws, request)).toMatchObject({
      status: 400,
      code: 'Throttling',
      message: 'Rate exceeded',
    })
    gate.resolve({})
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200])
    expect((await ask(endpoint.aws, request)).status).toBe(200)
  })
})

describe('the log', () => {
  it('has one line a request, with the id of the answer and no parameter', async () => {
    const operations = {
      elb: {
        DescribeTags: async () => {
          throw new ApiError('LoadBalancerNotFound', 'no')
        },
      },
    }
    await using endpoint = await startTestEndpoint(operations, unsigned)
    const { requestId } = await ask(
      endpoint.aws,
      get(`${elb}DescribeTags&LoadBalancerNames.member.1=hidden`),
    )
    expect(endpoint.log()).toEqual([
      expect.objectContaining({
        requestId,
        service: 'elasticloadbalancing',
        operation: 'DescribeTags',
        region: 'us-west-2',
        status: 400,
        code: 'LoadBalancerNotFound',
        ms: expect.any(Number),
      }),
    ])
    expect(JSON.stringify(endpoint.log())).not.toContain('hidden')
  })

  it('has the stack of what went wrong inside; the answer has only the id', async () => {
    const operations = {
      elb: {
        DescribeTags: async () => {
          throw new TypeError('the inside')
        },
      },
    }
    await using endpoint = await startTestEndpoint(operations, unsigned)
    const answer = await ask(endpoint.aws, get(`${elb}DescribeTags&LoadBalancerNames.member.1=a`))
    expect(answer).toMatchObject({ status: 500, code: 'InternalFailure' })
    expect(answer.xml).toContain('<Type>Receiver</Type>')
    expect(answer.xml).not.toContain('inside')
    const [failure, line] = endpoint.log()
    expect(failure).toMatchObject({
      requestId: answer.requestId,
      err: { message: 'the inside', stack: expect.stringContaining('TypeError') },
    })
    expect(line).toMatchObject({
      requestId: answer.requestId,
      status: 500,
      code: 'InternalFailure',
    })
  })
})

describe('an operation that links in messages ask for', () => {
  const links = new Map([['DescribeLoadBalancers', 'Arn']])
  const service = (calls: boolean[]): Service => ({
    signingName: 'elasticloadbalancing',
    protocols: [queryProtocol('2012-06-01', 'urn:test')],
    links,
    load: async () => ({
      schemas: await import('@aws-sdk/client-elastic-load-balancing'),
      operations: {
        DescribeLoadBalancers: async (_, { linked }) => {
          calls.push(linked)
          return {}
        },
        DeleteLoadBalancer: async () => ({}),
      },
    }),
  })

  it('is served to a GET without signature and version, and knows it; nothing else is', async () => {
    const calls: boolean[] = []
    await using endpoint = await startTestEndpoint({}, { services: [service(calls)] })
    const statusOf = async (request: AwsRequest) => (await ask(endpoint.aws, request)).status
    expect(await statusOf(get('Action=DescribeLoadBalancers'))).toBe(200)
    expect(await statusOf(get(`${elb}DescribeLoadBalancers`))).toBe(200)
    expect(await statusOf(post('Action=DescribeLoadBalancers'))).toBe(403)
    expect(await statusOf(get('Action=DescribeLoadBalancers&Version=2015-12-01'))).toBe(403)
    expect(await statusOf(get(`${elb}DeleteLoadBalancer&LoadBalancerName=a`))).toBe(403)
    expect(calls).toEqual([true, true])
  })

  it('is served where no signatures are verified, from whatever page the link is on', async () => {
    const calls: boolean[] = []
    await using endpoint = await startTestEndpoint({}, { services: [service(calls)], ...unsigned })
    const headers = { host: 'weir.example.com', 'sec-fetch-site': 'cross-site' }
    await ask(endpoint.aws, get('Action=DescribeLoadBalancers', { headers }))
    await ask(endpoint.aws, post(`${elb}DescribeLoadBalancers`))
    expect(calls).toEqual([true, false])
  })
})
