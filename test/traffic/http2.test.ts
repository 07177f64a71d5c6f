/** HTTP/2 through a whole system, with the clients that people use: curl, nghttp, h2load. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ModifyLoadBalancerAttributesCommand } from '@aws-sdk/client-elastic-load-balancing'
import { UploadServerCertificateCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect } from 'vitest'
import { selfSigned } from '../support/certificate-authority.ts'
import { eventually } from '../support/eventually.ts'
import { testWith } from '../support/needs.ts'
import { createLoadBalancer, Instance, instancePort, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const LoadBalancerName = 'second'
const run = promisify(execFile)
const large = 'x'.repeat(300_000)

let folder: string
let weir: Weir
let instance: Instance
let url: string

async function setHttp2(Value: 'true' | 'false'): Promise<void> {
  await weir.elb.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerName,
      LoadBalancerAttributes: { AdditionalAttributes: [{ Key: 'weir.http2', Value }] },
    }),
  )
}

/** What curl says of an answer: its version, and its body. */
async function curl(path: string, ...more: string[]): Promise<string> {
  const options = ['-sk', '--http2', '-w', '\n%{http_version} %{http_code}', ...more]
  const { stdout } = await run('curl', [...options, url + path], { maxBuffer: 1 << 20 })
  return stdout
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-http2-'))
  weir = await Weir.start()
  instance = await Instance.declare(weir, 'us-west-2a', (request, response) => {
    if (request.url === '/large') response.end(large)
    else if (request.url === '/early') response.writeHead(413).end('too much')
    else if (request.method === 'POST') {
      let length = 0
      request.on('data', (chunk: Buffer) => {
        length += chunk.length
      })
      request.on('end', () => response.end(`${length} bytes`))
    } else response.end(`${request.headers['x-forwarded-proto']} ${request.httpVersion}`)
  })
  const { certificate, privateKey } = await selfSigned({ key: 'RSA-2048' })
  const { ServerCertificateMetadata } = await weir.iam.send(
    new UploadServerCertificateCommand({
      ServerCertificateName: 'own',
      CertificateBody: certificate,
      PrivateKey: privateKey,
    }),
  )
  const listener = {
    Protocol: 'HTTPS',
    LoadBalancerPort: 8443,
    InstanceProtocol: 'HTTP',
    InstancePort: instancePort,
    SSLCertificateId: ServerCertificateMetadata?.Arn ?? '',
  }
  await createLoadBalancer(weir, LoadBalancerName, [instance], [listener])
  const [node] = await nodeAddresses(weir, LoadBalancerName)
  url = `https://${node}:8443`
})

afterAll(async () => {
  await instance[Symbol.asyncDispose]()
  await weir[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

testWith('curl', 'curl')(
  'clients get HTTP/2 where the attribute is on, and HTTP/1.1 else',
  async () => {
    expect(await curl('/')).toBe('https 1.1\n1.1 200')
    await setHttp2('true')
    await eventually('HTTP/2', async () => (await curl('/')) === 'https 1.1\n2 200')
    expect(await curl('/', '--http1.1')).toBe('https 1.1\n1.1 200')
    expect(await curl('/', '--tls-max', '1.2')).toBe('https 1.1\n2 200')
    expect(await curl('/large')).toBe(`${large}\n2 200`)
    expect(await curl('/', '--data', large.slice(0, 100_000))).toBe('100000 bytes\n2 200')
    // The answer comes before the request is whole.
    const upload = join(folder, 'upload')
    await writeFile(upload, Buffer.alloc(20_000_000))
    expect(await curl('/early', '-T', upload)).toBe('too much\n2 413')
    await setHttp2('false')
    await eventually('HTTP/1.1', async () => (await curl('/')) === 'https 1.1\n1.1 200')
  },
)

testWith('nghttp', 'nghttp2-client')('nghttp gets several answers on one connection', async () => {
  await setHttp2('true')
  await eventually('HTTP/2', async () => (await curl('/')).endsWith('2 200'))
  const { stdout } = await run('nghttp', ['-ns', url, `${url}/large`, `${url}/a`, `${url}/b`])
  expect(stdout.match(/\b200\b/g)).toHaveLength(4)
})

testWith('h2load', 'nghttp2-client')('h2load gets every answer, on many streams', async () => {
  await setHttp2('true')
  await eventually('HTTP/2', async () => (await curl('/')).endsWith('2 200'))
  const load = ['-n', '2000', '-c', '8', '-m', '16']
  const { stdout } = await run('h2load', [...load, `${url}/`])
  expect(stdout).toContain('2000 succeeded, 0 failed, 0 errored, 0 timeout')
  const large = await run('h2load', ['-n', '100', '-c', '4', '-m', '8', '-w', '16', `${url}/large`])
  expect(large.stdout).toContain('100 succeeded, 0 failed, 0 errored, 0 timeout')
})
