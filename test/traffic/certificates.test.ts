import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  type CertificateDetail,
  DescribeCertificateCommand,
  RenewCertificateCommand,
  RequestCertificateCommand,
  type RequestCertificateRequest,
} from '@aws-sdk/client-acm'
import {
  CreateLoadBalancerListenersCommand,
  DescribeLoadBalancersCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { AwsCli, testWithAwsCli } from '../support/aws-cli.ts'
import { eventually } from '../support/eventually.ts'
import { testWith } from '../support/needs.ts'
import { Pebble } from '../support/pebble.ts'
import { createLoadBalancer, httpListener, Instance, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const LoadBalancerName = 'shop'
const timeoutMs = 120_000

/** A load balancer with an HTTP listener, an instance behind it, and ACM. */
class Site implements AsyncDisposable {
  readonly weir: Weir
  readonly folder: string
  readonly instance: Instance
  readonly #owned: AsyncDisposableStack

  private constructor(
    { weir, folder, instance }: Pick<Site, 'weir' | 'folder' | 'instance'>,
    owned: AsyncDisposableStack,
  ) {
    this.weir = weir
    this.folder = folder
    this.instance = instance
    this.#owned = owned
  }

  static async start(index: number, args: readonly string[] = []): Promise<Site> {
    await using owned = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'weir-certificates-'))
    owned.defer(() => rm(folder, { recursive: true }))
    const weir = owned.use(await Weir.start({ args, index }))
    const instance = owned.use(await Instance.declare(weir, 'us-west-2a'))
    await createLoadBalancer(weir, LoadBalancerName, [instance], [httpListener])
    return new Site({ weir, folder, instance }, owned.move())
  }

  async dnsName(): Promise<string> {
    const { LoadBalancerDescriptions: [description] = [] } = await this.weir.elb.send(
      new DescribeLoadBalancersCommand({}),
    )
    return description?.DNSName ?? ''
  }

  /** @returns its ARN */
  async request(request: RequestCertificateRequest): Promise<string> {
    const answer = await this.weir.acm.send(new RequestCertificateCommand(request))
    return answer.CertificateArn ?? ''
  }

  async describe(CertificateArn: string | undefined): Promise<CertificateDetail> {
    const answer = await this.weir.acm.send(new DescribeCertificateCommand({ CertificateArn }))
    return answer.Certificate ?? {}
  }

  async issued(request: RequestCertificateRequest): Promise<CertificateDetail> {
    const arn = await this.request(request)
    return eventually('the certificate', async () => {
      const detail = await this.describe(arn)
      return detail.Status === 'ISSUED' && detail
    })
  }

  async listen(LoadBalancerPort: number, SSLCertificateId: string | undefined): Promise<void> {
    const http = { InstanceProtocol: 'HTTP', InstancePort: httpListener.InstancePort }
    const Listeners = [{ Protocol: 'HTTPS', LoadBalancerPort, ...http, SSLCertificateId }]
    await this.weir.elb.send(
      new CreateLoadBalancerListenersCommand({ LoadBalancerName, Listeners }),
    )
  }

  /** What curl gets there, trusting that root and nobody else. */
  async curl(name: string, port: number, root: string): Promise<string> {
    const file = join(this.folder, 'root.pem')
    writeFileSync(file, root)
    const [node] = await nodeAddresses(this.weir, LoadBalancerName)
    const way = ['--resolve', `${name}:${port}:${node}`, '--cacert', file]
    return eventually('an answer', async () => {
      const curl = ['-sSf', ...way, `https://${name}:${port}/`]
      return (await promisify(execFile)('curl', curl)).stdout
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync()
  }
}

testWithAwsCli(
  'a requested certificate serves a listener, for clients that have the root of the local CA',
  async (program) => {
    await using site = await Site.start(0)
    const aws = new AwsCli(site.weir, program, site.folder)
    const request = 'aws acm request-certificate --domain-name www.example.com'
    const { CertificateArn: arn } = (await aws.json(request)) as { CertificateArn: string }
    const describe = `aws acm describe-certificate --certificate-arn ${arn}`
    await eventually('the certificate', async () => (await aws.text(describe)).includes('"ISSUED"'))
    await aws.text(`aws acm wait certificate-validated --certificate-arn ${arn}`)
    expect(await aws.json(`${describe} --query Certificate.Issuer`)).toBe('Weir local CA')
    const listener = `Protocol=HTTPS,LoadBalancerPort=8443,InstanceProtocol=HTTP,InstancePort=8080,SSLCertificateId=${arn}`
    await aws.text(
      `aws elb create-load-balancer-listeners --load-balancer-name ${LoadBalancerName} --listeners ${listener}`,
    )
    const root = await (await fetch(`${site.weir.api}/_weir/local-ca.pem`)).text()
    expect(await site.curl('www.example.com', 8443, root)).toBe(site.instance.id)
  },
)

describe('where an ACME server is set, a certificate that is requested', () => {
  const test = testWith('pebble', 'pebble')
  let pebble: Pebble
  let site: Site

  beforeAll(async () => {
    pebble = await Pebble.create()
    const directory = ['--acme-directory', pebble.directory, '--acme-ca-file', pebble.caFile]
    site = await Site.start(1, [...directory, '--acme-contact', 'ops@example.com'])
    await pebble.start({ dns: site.weir.dns, httpPort: 8080 })
  })

  afterAll(async () => {
    await site[Symbol.asyncDispose]()
    await pebble[Symbol.asyncDispose]()
  })

  test(
    'is validated by what HTTP listeners answer, while the instance answers the rest',
    async () => {
      const name = await site.dnsName()
      const request = { DomainName: name, ValidationMethod: 'HTTP' } as const
      const { CertificateArn, Issuer } = await site.issued(request)
      expect(Issuer).toMatch(/^Pebble/)
      await site.listen(8443, CertificateArn)
      expect(await site.curl(name, 8443, await pebble.root())).toBe(site.instance.id)
    },
    timeoutMs,
  )

  test(
    'is validated by what the DNS server answers, also for wildcards',
    async () => {
      const { CertificateArn } = await site.issued({
        DomainName: 'example.com',
        SubjectAlternativeNames: ['*.example.com'],
        ValidationMethod: 'DNS',
      })
      await site.listen(8444, CertificateArn)
      expect(await site.curl('shop.example.com', 8444, await pebble.root())).toBe(site.instance.id)
    },
    timeoutMs,
  )

  test(
    'is shown to new connections once it is renewed, with no change to the listener',
    async () => {
      const { CertificateArn, Serial } = await site.issued({ DomainName: 'renewed.example.com' })
      await site.listen(8445, CertificateArn)
      const root = await pebble.root()
      await site.curl('renewed.example.com', 8445, root)
      await site.weir.acm.send(new RenewCertificateCommand({ CertificateArn }))
      const renewed = await eventually('the renewal', async () => {
        const detail = await site.describe(CertificateArn)
        return detail.RenewalSummary?.RenewalStatus === 'SUCCESS' && detail
      })
      expect(renewed.Serial).not.toBe(Serial)
      await eventually('the new certificate', async () => {
        const shown = await serialOf(site, 8445)
        return shown === renewed.Serial?.replaceAll(':', '')
      })
    },
    timeoutMs,
  )

  test(
    'waits where its names cannot be validated',
    async () => {
      const request = { DomainName: 'www.example.org', ValidationMethod: 'HTTP' } as const
      const arn = await site.request(request)
      await eventually('an attempt', () => /certificate not issued/.test(site.weir.output()))
      expect((await site.describe(arn)).Status).toBe('PENDING_VALIDATION')
      await expect(site.listen(8446, arn)).rejects.toThrow(/not found/)
    },
    timeoutMs,
  )
})

/** In lower case, of the certificate that a new connection is shown. */
async function serialOf({ weir }: Site, port: number): Promise<string> {
  const [node] = await nodeAddresses(weir, LoadBalancerName)
  const command = `openssl s_client -connect ${node}:${port} </dev/null 2>/dev/null | openssl x509 -noout -serial`
  const { stdout } = await promisify(execFile)('sh', ['-c', command])
  return stdout.trim().replace('serial=', '').toLowerCase()
}
