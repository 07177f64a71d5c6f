/** Records as the APIs leave them, and what they are translated to. */
import type { InstanceRecord } from '../../src/aws/ec2/records.ts'
import type { LoadBalancerRecord } from '../../src/aws/elb/records.ts'
import { translate } from '../../src/reconcile/translate.ts'
import type { World } from '../../src/reconcile/world.ts'
import type { Snapshot } from '../../src/snapshot/snapshot.ts'

export function instance(instanceId: string, over: Partial<InstanceRecord> = {}): InstanceRecord {
  return {
    instanceId,
    reservationId: 'r-1',
    state: 'running',
    privateIpAddress: `10.0.0.${instanceId.slice(-1)}`,
    subnetId: 'subnet-1',
    vpcId: 'vpc-1',
    zone: 'us-west-2a',
    imageId: 'ami-1',
    instanceType: 't3.micro',
    keyName: null,
    securityGroups: [],
    networkInterfaceId: 'eni-1',
    clientToken: null,
    launchTime: '2026-01-01T00:00:00.000Z',
    terminatedAt: null,
    disableApiTermination: false,
    disableApiStop: false,
    instanceInitiatedShutdownBehavior: 'stop',
    sourceDestCheck: true,
    userData: null,
    ...over,
  }
}

/** With listeners of every protocol; the certificate of the HTTPS listener is not there. */
export const loadBalancer: LoadBalancerRecord = {
  name: 'web',
  id: '123',
  createdTime: '2026-01-01T00:00:00.000Z',
  scheme: 'internet-facing',
  dnsName: 'web-123.us-west-2.elb.weir.internal',
  vpcId: 'vpc-1',
  zones: [
    {
      zone: 'us-west-2a',
      subnetId: 'subnet-1',
      networkInterfaceId: 'eni-1',
      address: '127.16.0.9',
      ipv6Address: null,
    },
    {
      zone: 'us-west-2b',
      subnetId: 'subnet-2',
      networkInterfaceId: 'eni-2',
      address: '127.16.16.9',
      ipv6Address: 'fd00::9',
    },
  ],
  securityGroups: [],
  listeners: [
    {
      protocol: 'HTTP',
      loadBalancerPort: 80,
      instanceProtocol: 'HTTP',
      instancePort: 8080,
      certificateArn: null,
      policyNames: [],
    },
    {
      protocol: 'HTTP',
      loadBalancerPort: 81,
      instanceProtocol: 'HTTP',
      instancePort: 8080,
      certificateArn: null,
      policyNames: [],
    },
    {
      protocol: 'TCP',
      loadBalancerPort: 90,
      instanceProtocol: 'TCP',
      instancePort: 9000,
      certificateArn: null,
      policyNames: [],
    },
    {
      protocol: 'HTTPS',
      loadBalancerPort: 443,
      instanceProtocol: 'HTTP',
      instancePort: 8080,
      certificateArn: 'arn:aws:iam::123456789012:server-certificate/x',
      policyNames: [],
    },
  ],
  healthCheck: {
    target: 'HTTP:8080/ping',
    interval: 30,
    timeout: 5,
    unhealthyThreshold: 2,
    healthyThreshold: 10,
  },
  instances: [
    { instanceId: 'i-1', registrationId: 'r1' },
    { instanceId: 'i-2', registrationId: 'r2' },
  ],
  draining: [],
  formerInstances: [],
  policies: [],
  backendPolicies: [],
  attributes: {
    crossZone: true,
    accessLog: { enabled: false, s3BucketName: null, s3BucketPrefix: null, emitInterval: null },
    connectionDraining: { enabled: false, timeout: 300 },
    idleTimeout: 60,
    additional: [],
  },
  tags: [],
}

/** What becomes of a load balancer in us-west-2. Throws when its record is unusable. */
export function snapshotOf(
  record: LoadBalancerRecord,
  instances: InstanceRecord[],
  certificates: World['certificates'] = new Map(),
): Snapshot {
  const byId = new Map(instances.map((one) => [one.instanceId, one]))
  const region = { region: 'us-west-2', loadBalancers: [record], instances: byId }
  const fail = (key: string, cause: unknown) => {
    throw new Error(key, { cause })
  }
  return translate(
    { revision: 7, system: '', regions: [region], projects: [], challenges: [], certificates },
    { cookieKeys: { of: (id) => `key of ${id}` }, accountId: '123456789012', region: 'us-west-2' },
    fail,
  )
}
