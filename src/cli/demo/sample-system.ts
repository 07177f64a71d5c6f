/** The demo's resources, made through the public APIs as any client would make them. */
import {
  ACMClient,
  RequestCertificateCommand,
  waitUntilCertificateValidated,
} from '@aws-sdk/client-acm'
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2'
import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand,
  CreateLoadBalancerListenersCommand,
  ElasticLoadBalancingClient,
  RegisterInstancesWithLoadBalancerCommand,
  waitUntilInstanceInService,
} from '@aws-sdk/client-elastic-load-balancing'
import { SampleInstance } from './sample-instance.ts'

export const demoPort = 8080
export const demoHttpsPort = 8443
const loadBalancerName = 'demo'

export interface SampleSystem {
  readonly dnsName: string
  readonly instances: readonly SampleInstance[]
}

export async function createSampleSystem(endpoint: string, region: string): Promise<SampleSystem> {
  const credentials = { accessKeyId: 'demo', secretAccessKey: 'demo' }
  const ec2 = new EC2Client({ endpoint, region, credentials })
  const elb = new ElasticLoadBalancingClient({ endpoint, region, credentials })
  const acm = new ACMClient({ endpoint, region, credentials })
  const zones = [`${region}a`, `${region}b`]
  const instances = (await Promise.all(zones.map((zone) => declareInstances(ec2, zone)))).flat()
  for (const instance of instances) await instance.start()
  const dnsName = await createLoadBalancer(elb, zones, instances)
  await addHttpsListener(elb, await requestCertificate(acm, dnsName))
  await waitUntilInstanceInService(
    { client: elb, minDelay: 1, maxDelay: 1, maxWaitTime: 60 },
    { LoadBalancerName: loadBalancerName },
  )
  return { dnsName, instances }
}

async function declareInstances(ec2: EC2Client, zone: string): Promise<SampleInstance[]> {
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-demo0000',
      InstanceType: 't3.micro',
      MinCount: 2,
      MaxCount: 2,
      Placement: { AvailabilityZone: zone },
    }),
  )
  return Instances.map(
    ({ InstanceId = '', PrivateIpAddress = '' }) =>
      new SampleInstance({ id: InstanceId, zone, address: PrivateIpAddress, port: demoPort }),
  )
}

async function createLoadBalancer(
  elb: ElasticLoadBalancingClient,
  zones: string[],
  instances: readonly SampleInstance[],
): Promise<string> {
  const listener = { Protocol: 'HTTP', LoadBalancerPort: demoPort, InstancePort: demoPort }
  const { DNSName = '' } = await elb.send(
    new CreateLoadBalancerCommand({
      LoadBalancerName: loadBalancerName,
      AvailabilityZones: zones,
      Listeners: [listener],
    }),
  )
  await elb.send(
    new ConfigureHealthCheckCommand({
      LoadBalancerName: loadBalancerName,
      HealthCheck: {
        Target: `HTTP:${demoPort}/`,
        Interval: 5,
        Timeout: 2,
        UnhealthyThreshold: 2,
        HealthyThreshold: 2,
      },
    }),
  )
  await elb.send(
    new RegisterInstancesWithLoadBalancerCommand({
      LoadBalancerName: loadBalancerName,
      Instances: instances.map(({ id }) => ({ InstanceId: id })),
    }),
  )
  return DNSName
}

/** @returns its ARN. Without an ACME server, Weir's local CA issues it. */
async function requestCertificate(acm: ACMClient, name: string): Promise<string> {
  const { CertificateArn = '' } = await acm.send(
    new RequestCertificateCommand({ DomainName: name, ValidationMethod: 'DNS' }),
  )
  await waitUntilCertificateValidated(
    { client: acm, minDelay: 1, maxDelay: 1, maxWaitTime: 60 },
    { CertificateArn },
  )
  return CertificateArn
}

async function addHttpsListener(
  elb: ElasticLoadBalancingClient,
  certificate: string,
): Promise<void> {
  const listener = {
    Protocol: 'HTTPS',
    LoadBalancerPort: demoHttpsPort,
    InstanceProtocol: 'HTTP',
    InstancePort: demoPort,
    SSLCertificateId: certificate,
  }
  await elb.send(
    new CreateLoadBalancerListenersCommand({
      LoadBalancerName: loadBalancerName,
      Listeners: [listener],
    }),
  )
}
