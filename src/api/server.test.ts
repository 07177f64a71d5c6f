import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  CreateLoadBalancerCommand,
  ElasticLoadBalancingClient,
} from '@aws-sdk/client-elastic-load-balancing'
import { GetUserCommand, IAMClient } from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { noHuawei } from '../../test/support/api.ts'
import { startTestEndpoint, type TestEndpoint } from '../../test/support/aws-endpoint.ts'
import { eventually } from '../../test/support/eventually.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { testWith } from '../../test/support/needs.ts'
import type { Call } from '../aws/wire/service.ts'
import { createLogger } from '../telemetry/logger.ts'
import { type ApiServer, type ApiServerOptions, startApiServer } from './server.ts'

function serve(
  endpoint: Pick<TestEndpoint, 'aws'>,
  options: Partial<ApiServerOptions> = {},
): Promise<ApiServer> {
  return startApiServer({
    host: '127.0.0.1',
    port: 0,
    aws: endpoint.aws,
    huawei: noHuawei,
    s3: async (_, outgoing) => void outgoing.end('s3'),
    ready: () => true,
    metrics: async () => 'weir_up 1\n',
    localRoots: async () => undefined,
    signingCertificate: async () => undefined,
    clock: new ManualClock(),
    logger: createLogger('silent'),
    ...options,
  })
}

function clientOf({ key }: TestEndpoint, { url }: ApiServer, region = 'us-west-2') {
  return { endpoint: url, region, credentials: { ...key }, maxAttempts: 1 }
}

/** Without fetch's own headers, and with those that fetch forbids. */
async function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number | undefined; body: string; connection: string | undefined }> {
  const outgoing = httpRequest(url, { agent: new Agent({ keepAlive: false }), ...options })
  outgoing.end(options.body)
  const [incoming] = await once(outgoing, 'response')
  let body = ''
  for await (const chunk of incoming) body += chunk
  return { status: incoming.statusCode, body, connection: incoming.headers.connection }
}

/** A connection on which the server reads a body of which one byte is missing. */
async function halfARequest({ port }: ApiServer): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  // That the server asks for the body says that it has the head.
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n')
  await once(socket, 'data')
  socket.write('x')
  return socket
}

describe("AWS's clients, with signatures verified", () => {
  it('learn who they are', async () => {
    await using endpoint = await startTestEndpoint()
    await using server = await serve(endpoint)
    const sts = new STSClient(clientOf(endpoint, server))
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '123456789012',
      UserId: '123456789012',
      Arn: 'arn:aws:iam::123456789012:root',
      $metadata: { httpStatusCode: 200, requestId: endpoint.log()[0]?.requestId },
    })
    const iam = new IAMClient(clientOf(endpoint, server, 'us-east-1'))
    const { User: first } = await iam.send(new GetUserCommand({}))
    expect(first).toMatchObject({ Arn: 'arn:aws:iam::123456789012:root', UserId: '123456789012' })
    endpoint.clock.advance(60_000)
    const { User: second } = await iam.send(new GetUserCommand({}))
    expect(second?.CreateDate).toEqual(first?.CreateDate)
    await expect(iam.send(new GetUserCommand({ UserName: 'bob' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The user with name bob cannot be found.',
    })
  })

  it('reach an operation with their input, region and key, and get its output', async () => {
    const seen: { input: unknown; call: Call }[] = []
    await using endpoint = await startTestEndpoint({
      elb: {
        CreateLoadBalancer: async (input: unknown, call: Call) => {
          seen.push({ input, call })
          return { DNSName: 'ü<&>.example' }
        },
      },
      ec2: {
        DescribeVpcs: async () => ({ Vpcs: [{ VpcId: 'vpc-1', IsDefault: true }], NextToken: 't' }),
      },
    })
    await using server = await serve(endpoint)
    const elb = new ElasticLoadBalancingClient(clientOf(endpoint, server, 'eu-central-1'))
    const input = {
      LoadBalancerName: 'a b+ü',
      Listeners: [{ Protocol: 'HTTP', LoadBalancerPort: 80, InstancePort: 8080 }],
      Tags: [{ Key: 'k', Value: '' }],
      Subnets: [],
    }
    const output = await elb.send(new CreateLoadBalancerCommand(input))
    expect(output.DNSName).toBe('ü<&>.example')
    expect(seen[0]?.input).toEqual(input)
    expect(seen[0]?.call).toMatchObject({
      region: 'eu-central-1',
      accountId: '123456789012',
      accessKeyId: endpoint.key.accessKeyId,
      requestId: output.$metadata.requestId,
    })
    const ec2 = new EC2Client(clientOf(endpoint, server))
    expect(await ec2.send(new DescribeVpcsCommand({}))).toMatchObject({
      Vpcs: [{ VpcId: 'vpc-1', IsDefault: true }],
      NextToken: 't',
    })
  })

  it('are told when their secret is wrong', async () => {
    await using endpoint = await startTestEndpoint()
    await using server = await serve(endpoint)
    const config = clientOf(endpoint, server)
    const credentials = { ...endpoint.key, secretAccessKey: 'wrong' }
    const sts = new STSClient({ ...config, credentials })
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
    })
    const ec2 = new EC2Client({ ...config, credentials })
    await expect(ec2.send(new DescribeVpcsCommand({}))).rejects.toMatchObject({
      name: 'AuthFailure',
      $metadata: { httpStatusCode: 401 },
    })
  })

  testWith('aws', 'awscli')('run from the command line', async () => {
    await using endpoint = await startTestEndpoint()
    await using server = await serve(endpoint)
    const { stdout } = await promisify(execFile)('aws', ['sts', 'get-caller-identity'], {
      env: {
        PATH: process.env.PATH ?? '',
        AWS_ENDPOINT_URL: server.url,
        AWS_DEFAULT_REGION: 'us-west-2',
        AWS_ACCESS_KEY_ID: endpoint.key.accessKeyId,
        AWS_SECRET_ACCESS_KEY: endpoint.key.secretAccessKey,
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      },
    })
    expect(JSON.parse(stdout)).toEqual({
      Account: '123456789012',
      UserId: '123456789012',
      Arn: 'arn:aws:iam::123456789012:root',
    })
  })
})

describe('the API server', () => {
  const aws = async () => ({ status: 200, headers: {}, body: 'aws' })

  it('tells that it lives, whether it is ready, and its metrics', async () => {
    let ready = false
    await using server = await serve({ aws }, { ready: () => ready })
    expect(await send(`${server.url}/healthz`)).toMatchObject({ status: 200, body: 'ok\n' })
    expect(await send(`${server.url}/readyz`)).toMatchObject({ status: 503 })
    ready = true
    expect(await send(`${server.url}/readyz`)).toMatchObject({ status: 200 })
    expect(await send(`${server.url}/metrics`)).toMatchObject({ status: 200, body: 'weir_up 1\n' })
  })

  it('says what is not built yet', async () => {
    await using server = await serve({ aws })
    for (const path of ['/console/', '/console/index.html']) {
      const { status, body } = await send(server.url + path)
      expect([status, JSON.parse(body)]).toEqual([501, { message: `${path} is not built yet` }])
    }
  })

  it('resets only where there is a reset, and not for a page of another site', async () => {
    let resets = 0
    const reset = async () => {
      resets += 1
    }
    await using plain = await serve({ aws })
    expect(await send(`${plain.url}/_weir/reset`, { method: 'POST' })).toMatchObject({
      status: 404,
    })
    await using server = await serve({ aws }, { reset })
    const ask = async (headers: Record<string, string>) =>
      (await send(`${server.url}/_weir/reset`, { method: 'POST', headers })).status
    expect(await ask({ origin: 'http://evil.example' })).toBe(403)
    expect(await ask({ host: 'rebound.example' })).toBe(403)
    expect(resets).toBe(0)
    expect(await ask({})).toBe(204)
    expect(resets).toBe(1)
  })

  it('gives the roots of the local CA to everybody, where there is one', async () => {
    await using endpoint = await startTestEndpoint()
    await using without = await serve(endpoint)
    expect(await send(`${without.url}/_weir/local-ca.pem`)).toMatchObject({ status: 404 })
    await using server = await serve(endpoint, { localRoots: async () => 'PEM\n' })
    expect(await send(`${server.url}/_weir/local-ca.pem`)).toMatchObject({
      status: 200,
      body: 'PEM\n',
    })
  })

  it('passes path, query, headers and body to the endpoint exactly as they were sent', async () => {
    const seen: unknown[] = []
    await using server = await serve({
      aws: async ({ method, rawUrl, headers, body }) => {
        seen.push([method, rawUrl, headers['x-a'], Buffer.from(body).toString()])
        return { status: 201, headers: { 'x-b': '2' }, body: '' }
      },
    })
    const path = '//a/../b?z=1&a=%2f%2F+%7e&&a'
    expect(await send(server.url)).toMatchObject({ status: 201 })
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.end(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/us-west-2/ec2/aws4_request\r\nX-A: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi`,
    )
    await once(socket.resume(), 'close')
    expect(seen).toEqual([
      ['GET', '/', undefined, ''],
      ['POST', path, '1', 'hi'],
    ])
  })

  it.each([
    ['/my-logs/a', {}, 's3'],
    ['/my-logs', {}, 's3'],
    ['/', { host: 'my-logs.localhost' }, 's3'],
    ['/metrics', { authorization: 'Credential=AKID/20260101/us-west-2/s3/aws4_request' }, 's3'],
    ['/?X-Amz-Credential=AKID%2F20260101%2Fus-west-2%2Fs3%2Faws4_request', {}, 's3'],
    ['/my-logs', { authorization: 'Credential=AKID/20260101/us-west-2/ec2/aws4_request' }, 'aws'],
    ['/?Action=DescribeVpcs', {}, 'aws'],
    ['/healthz', { host: 'my-logs.localhost' }, 'ok\n'],
  ])('gives %s with %o to %s', async (path, headers, body) => {
    await using server = await serve({ aws })
    expect(await send(server.url + path, { headers })).toMatchObject({ body })
  })

  it('answers a body that is too large without reading it all, and closes the connection', async () => {
    await using endpoint = await startTestEndpoint()
    await using server = await serve(endpoint)
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', () => {})
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n')
    socket.write('x'.repeat(2_000_000))
    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toContain('<Code>RequestEntityTooLarge</Code>')
  })

  it('finishes the requests in progress when it closes, and keeps no connection', async () => {
    const arrived = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const server = await serve({
      aws: async () => {
        arrived.resolve()
        await gate.promise
        return { status: 200, headers: {}, body: 'finished' }
      },
    })
    const agent = new Agent({ keepAlive: true })
    const running = httpRequest(server.url, { agent }).end()
    const answered = once(running, 'response')
    await arrived.promise
    const closed = server[Symbol.asyncDispose]()
    await expect(send(`${server.url}/healthz`)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    gate.resolve()
    const [incoming] = await answered
    expect(incoming.headers.connection).toBe('close')
    let body = ''
    for await (const chunk of incoming) body += chunk
    expect(body).toBe('finished')
    await closed
    agent.destroy()
  })

  it('forgets about a request when it has its answer, so that its connection can go on', async () => {
    const clock = new ManualClock()
    await using server = await serve({ aws }, { clock })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (const [method, path] of [
      ['GET', '/healthz'],
      ['POST', '/healthz'],
      ['POST', '/'],
    ]) {
      const outgoing = httpRequest(server.url + path, { agent, method }).end('body')
      const [incoming] = await once(outgoing, 'response')
      await once(incoming.resume(), 'end')
    }
    await eventually('no timer', () => clock.pending === 0)
    agent.destroy()
  })

  it('leaves a client that takes half a minute to send a request that is not for S3', async () => {
    const clock = new ManualClock()
    await using server = await serve({ aws }, { clock })
    const socket = await halfARequest(server)
    const left = new Promise((resolve) => socket.once('close', resolve))
    clock.advance(30_000)
    await left
    expect(clock.pending).toBe(0)
  })

  it('closes though a client never sends the rest of its request', async () => {
    const clock = new ManualClock()
    const server = await serve({ aws }, { clock })
    const socket = await halfARequest(server)
    const left = new Promise((resolve) => socket.once('close', resolve))
    const closed = server[Symbol.asyncDispose]()
    clock.advance(2000)
    await Promise.all([closed, left])
    expect(clock.pending).toBe(0)
  })

  it('takes a client that leaves in the middle of its request for no error of ours', async () => {
    const lines: { level: number; msg: string }[] = []
    const written = Promise.withResolvers<void>()
    const logger = createLogger(
      'debug',
      {},
      {
        write: (line) => {
          lines.push(JSON.parse(line))
          written.resolve()
        },
      },
    )
    await using server = await serve({ aws }, { logger })
    const socket = await halfARequest(server)
    socket.resetAndDestroy()
    await written.promise
    expect(lines).toMatchObject([{ level: 20, msg: expect.stringContaining('client left') }])
  })

  it('does not tell what went wrong inside', async () => {
    await using server = await serve({
      aws: async () => {
        throw new Error('the inside')
      },
    })
    const { status, body } = await send(server.url)
    expect(status).toBe(500)
    expect(body).not.toContain('the inside')
  })

  it('does not start on a port that is taken', async () => {
    await using server = await serve({ aws })
    await expect(serve({ aws }, { port: server.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })
})
