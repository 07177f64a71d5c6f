import type {
  AdditionalAttribute,
  ConnectionDraining,
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput,
  LoadBalancerAttributes,
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing'
import { atLeast, atMost, check, maxLength, pattern, reject } from '../wire/constraints.ts'
import { modifiedAccessLog, writeTestFile } from './access-log.ts'
import { checkAdditional, desyncMode } from './additional-attributes.ts'
import { invalidConfiguration } from './errors.ts'
import { changeLoadBalancer, type ElbOperation, readLoadBalancer } from './load-balancers.ts'
import type { AttributesRecord } from './records.ts'

const maxAdditional = 10
/** What a load balancer has that was made through the API. */
export const defaultAttributes: AttributesRecord = {
  crossZone: false,
  accessLog: { enabled: false, s3BucketName: null, s3BucketPrefix: null, emitInterval: null },
  connectionDraining: { enabled: false, timeout: 300 },
  idleTimeout: 60,
  additional: [{ key: desyncMode, value: 'defensive' }],
}

export const describeAttributes: ElbOperation<
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput
> = async (input, call) => {
  const { attributes } = await readLoadBalancer(call, input.LoadBalancerName ?? '')
  return { LoadBalancerAttributes: view(attributes) }
}

/** Sections that the request leaves out stay as they are, and are left out of the answer. */
export const modifyAttributes: ElbOperation<
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput
> = async (input, call, { buckets }) => {
  const sent = input.LoadBalancerAttributes ?? {}
  checkConstraints(sent)
  if (sent.AccessLog?.Enabled) {
    const { name, attributes } = await readLoadBalancer(call, input.LoadBalancerName ?? '')
    await writeTestFile(buckets, call, name, modified(attributes, sent).accessLog)
  }
  const { name, attributes } = await changeLoadBalancer(call, input.LoadBalancerName, (record) => ({
    ...record,
    attributes: modified(record.attributes, sent),
    // Switched off, it closes the connections of those that drain already.
    draining: sent.ConnectionDraining?.Enabled === false ? [] : record.draining,
  }))
  return { LoadBalancerName: name, LoadBalancerAttributes: echo(sent, view(attributes)) }
}

function view(record: AttributesRecord): Required<LoadBalancerAttributes> {
  const { enabled, s3BucketName, s3BucketPrefix, emitInterval } = record.accessLog
  const { connectionDraining } = record
  return {
    CrossZoneLoadBalancing: { Enabled: record.crossZone },
    AccessLog: {
      Enabled: enabled,
      ...(s3BucketName !== null && { S3BucketName: s3BucketName }),
      ...(s3BucketPrefix !== null && { S3BucketPrefix: s3BucketPrefix }),
      ...(emitInterval !== null && { EmitInterval: emitInterval }),
    },
    ConnectionDraining: {
      Enabled: connectionDraining.enabled,
      Timeout: connectionDraining.timeout,
    },
    ConnectionSettings: { IdleTimeout: record.idleTimeout },
    AdditionalAttributes: record.additional.map(({ key, value }) => ({ Key: key, Value: value })),
  }
}

/** The sections of `after` that were sent. */
function echo(
  sent: LoadBalancerAttributes,
  after: Required<LoadBalancerAttributes>,
): LoadBalancerAttributes {
  return {
    ...(sent.CrossZoneLoadBalancing && { CrossZoneLoadBalancing: after.CrossZoneLoadBalancing }),
    ...(sent.AccessLog && { AccessLog: after.AccessLog }),
    ...(sent.ConnectionDraining && { ConnectionDraining: after.ConnectionDraining }),
    ...(sent.ConnectionSettings && { ConnectionSettings: after.ConnectionSettings }),
    ...(sent.AdditionalAttributes?.length && {
      AdditionalAttributes: after.AdditionalAttributes,
    }),
  }
}

function modified(before: AttributesRecord, sent: LoadBalancerAttributes): AttributesRecord {
  return {
    crossZone: sent.CrossZoneLoadBalancing?.Enabled ?? before.crossZone,
    accessLog: sent.AccessLog
      ? modifiedAccessLog(before.accessLog, sent.AccessLog)
      : before.accessLog,
    connectionDraining: draining(before.connectionDraining, sent.ConnectionDraining),
    idleTimeout: sent.ConnectionSettings?.IdleTimeout ?? before.idleTimeout,
    additional: additional(before.additional, sent.AdditionalAttributes),
  }
}

/** Without a timeout the old one stays (Terraform sends the switch alone), within 1–3600 s (guide, page 73). */
function draining(
  before: AttributesRecord['connectionDraining'],
  sent: ConnectionDraining | undefined,
): AttributesRecord['connectionDraining'] {
  const timeout = sent?.Timeout ?? before.timeout
  if (timeout < 1 || timeout > 3600) {
    throw invalidConfiguration(
      `ConnectionDraining Timeout ${timeout} must be between 1 and 3600 seconds`,
    )
  }
  return { enabled: sent?.Enabled ?? before.enabled, timeout }
}

function additional(
  before: AttributesRecord['additional'],
  sent: readonly AdditionalAttribute[] = [],
): AttributesRecord['additional'] {
  const values = new Map(before.map(({ key, value }) => [key, value]))
  for (const { Key: key = '', Value: value = '' } of sent) {
    checkAdditional(key, value)
    values.set(key, value)
  }
  return [...values].map(([key, value]) => ({ key, value }))
}

function checkConstraints(sent: LoadBalancerAttributes): void {
  const path = 'loadBalancerAttributes'
  const additionalAttributes = sent.AdditionalAttributes ?? []
  const text = [maxLength(256), pattern(/^[a-zA-Z0-9.]+$/)]
  reject([
    ...check(
      `${path}.connectionSettings.idleTimeout`,
      sent.ConnectionSettings?.IdleTimeout,
      atLeast(1),
      atMost(4000),
    ),
    ...check(`${path}.additionalAttributes`, additionalAttributes, maxLength(maxAdditional)),
    ...additionalAttributes.flatMap(({ Key, Value }, index) => [
      ...check(`${path}.additionalAttributes.${index + 1}.member.key`, Key, ...text),
      ...check(`${path}.additionalAttributes.${index + 1}.member.value`, Value, ...text),
    ]),
  ])
}
