import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { CreateLoadBalancerCommand } from '@aws-sdk/client-elastic-load-balancing'
import { UploadServerCertificateCommand } from '@aws-sdk/client-iam'
import { eventually } from '../support/eventually.ts'
import { testWith } from '../support/needs.ts'
import { OcspResponder } from '../support/ocsp-responder.ts'
import { nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

/** What a client that asks for the state of the certificate is shown. */
async function status(address: string, name: string): Promise<string> {
  const command = `openssl s_client -connect ${address}:8443 -servername ${name} -status </dev/null`
  const { stdout } = await promisify(execFile)('sh', ['-c', command])
  return stdout
}

testWith('openssl', 'openssl')(
  'clients that ask get the word of the certificate’s authority that it is good',
  async () => {
    await using responder = await OcspResponder.start()
    await using weir = await Weir.start()
    const { ServerCertificateMetadata } = await weir.iam.send(
      new UploadServerCertificateCommand({
        ServerCertificateName: 'stapled',
        CertificateBody: responder.certificate,
        CertificateChain: responder.authority,
        PrivateKey: responder.privateKey,
      }),
    )
    const listener = {
      Protocol: 'HTTPS',
      LoadBalancerPort: 8443,
      InstanceProtocol: 'HTTP',
      InstancePort: 80,
      SSLCertificateId: ServerCertificateMetadata?.Arn,
    }
    await weir.elb.send(
      new CreateLoadBalancerCommand({
        LoadBalancerName: 'stapled',
        AvailabilityZones: ['us-west-2a'],
        Listeners: [listener],
      }),
    )
    const [address = ''] = await eventually('a node', () => nodeAddresses(weir, 'stapled'))
    await eventually('a stapled answer', async () =>
      /OCSP Response Status: successful[\s\S]+Cert Status: good/.test(
        await status(address, 'www.example.com').catch(() => ''),
      ),
    )
  },
  60_000,
)
