/** What an event is about, told by the names of its members: lookups by resource find it so. */
import type { EventResource, Members } from '../../../trail/event.ts'

/** A call that names more is found by the first ones. */
const maxResources = 50

/** Longer than any name, and as long as what lookups may ask for. */
const maxName = 2000

/** Names that several services have for different things come with the service's. */
const types: Readonly<Record<string, string>> = {
  'cloudtrail.amazonaws.com/name': 'AWS::CloudTrail::Trail',
  'sns.amazonaws.com/name': 'AWS::SNS::Topic',
  alarmName: 'AWS::CloudWatch::Alarm',
  alarmNames: 'AWS::CloudWatch::Alarm',
  allocationId: 'AWS::EC2::EIP',
  bucket: 'AWS::S3::Bucket',
  bucketName: 'AWS::S3::Bucket',
  certificateArn: 'AWS::ACM::Certificate',
  groupId: 'AWS::EC2::SecurityGroup',
  groupIds: 'AWS::EC2::SecurityGroup',
  instanceId: 'AWS::EC2::Instance',
  instanceIds: 'AWS::EC2::Instance',
  internetGatewayId: 'AWS::EC2::InternetGateway',
  loadBalancerName: 'AWS::ElasticLoadBalancing::LoadBalancer',
  loadBalancerNames: 'AWS::ElasticLoadBalancing::LoadBalancer',
  networkAclId: 'AWS::EC2::NetworkAcl',
  networkInterfaceId: 'AWS::EC2::NetworkInterface',
  routeTableId: 'AWS::EC2::RouteTable',
  s3BucketName: 'AWS::S3::Bucket',
  securityGroups: 'AWS::EC2::SecurityGroup',
  serverCertificateName: 'AWS::IAM::ServerCertificate',
  subnetId: 'AWS::EC2::Subnet',
  subnets: 'AWS::EC2::Subnet',
  subscriptionArn: 'AWS::SNS::Subscription',
  topicArn: 'AWS::SNS::Topic',
  trailName: 'AWS::CloudTrail::Trail',
  vpcId: 'AWS::EC2::VPC',
}

/** @param members what a call was asked and what it answered, as records have it */
export function resourcesOf(
  eventSource: string,
  members: readonly (Members | null)[],
): EventResource[] {
  const found = new Map<string, EventResource>()
  for (const resource of resourcesIn(members, undefined, eventSource)) {
    if (found.size < maxResources) found.set(`${resource.type} ${resource.name}`, resource)
  }
  return [...found.values()]
}

/** @param type of what a text names here */
function* resourcesIn(
  value: unknown,
  type: string | undefined,
  eventSource: string,
): Generator<EventResource> {
  if (typeof value === 'string') {
    if (type !== undefined && value !== '' && value.length <= maxName) yield { type, name: value }
  } else if (Array.isArray(value)) {
    for (const each of value) yield* resourcesIn(each, type, eventSource)
  } else {
    for (const [name, child] of Object.entries(value ?? {})) {
      yield* resourcesIn(child, types[`${eventSource}/${name}`] ?? types[name], eventSource)
    }
  }
}
