import type {
  CreateAppCookieStickinessPolicyInput,
  CreateAppCookieStickinessPolicyOutput,
  CreateLBCookieStickinessPolicyInput,
  CreateLBCookieStickinessPolicyOutput,
  CreateLoadBalancerPolicyInput,
  CreateLoadBalancerPolicyOutput,
  DeleteLoadBalancerPolicyInput,
  DeleteLoadBalancerPolicyOutput,
  DescribeLoadBalancerPoliciesInput,
  DescribeLoadBalancerPoliciesOutput,
  PolicyDescription,
} from '@aws-sdk/client-elastic-load-balancing'
import type { Call } from '../wire/service.ts'
import {
  duplicatePolicyName,
  invalidConfiguration,
  policyNotFound,
  samplePolicyNotFound,
  tooManyPolicies,
} from './errors.ts'
import { changeLoadBalancer, type ElbOperation, readLoadBalancer } from './load-balancers.ts'
import { checkPolicyName } from './names.ts'
import { policyAttributes, samePolicy, samplePolicies } from './policy-rules.ts'
import type { LoadBalancerRecord, PolicyAttributeRecord, PolicyRecord } from './records.ts'
import { describedSslAttributes } from './ssl-policy-rules.ts'

/** AWS documents no quota; its Kubernetes provider counts on 98 (cloud-provider-aws, aws_loadbalancer.go). */
const maxPolicies = 98

export const createPolicy: ElbOperation<
  CreateLoadBalancerPolicyInput,
  CreateLoadBalancerPolicyOutput
> = async (input, call) => {
  const attributes = (input.PolicyAttributes ?? []).map((attribute) => ({
    name: attribute.AttributeName ?? '',
    value: attribute.AttributeValue ?? '',
  }))
  await addPolicy(call, input.LoadBalancerName, {
    name: input.PolicyName ?? '',
    typeName: input.PolicyTypeName ?? '',
    attributes,
  })
  return {}
}

export const createAppCookiePolicy: ElbOperation<
  CreateAppCookieStickinessPolicyInput,
  CreateAppCookieStickinessPolicyOutput
> = async (input, call) => {
  await addPolicy(call, input.LoadBalancerName, {
    name: input.PolicyName ?? '',
    typeName: 'AppCookieStickinessPolicyType',
    attributes: [{ name: 'CookieName', value: input.CookieName ?? '' }],
  })
  return {}
}

export const createLoadBalancerCookiePolicy: ElbOperation<
  CreateLBCookieStickinessPolicyInput,
  CreateLBCookieStickinessPolicyOutput
> = async (input, call) => {
  const period = input.CookieExpirationPeriod
  await addPolicy(call, input.LoadBalancerName, {
    name: input.PolicyName ?? '',
    typeName: 'LBCookieStickinessPolicyType',
    attributes:
      period === undefined ? [] : [{ name: 'CookieExpirationPeriod', value: String(period) }],
  })
  return {}
}

/** A policy that is not there is as good as deleted. */
export const deletePolicy: ElbOperation<
  DeleteLoadBalancerPolicyInput,
  DeleteLoadBalancerPolicyOutput
> = async ({ LoadBalancerName, PolicyName = '' }, call) => {
  await changeLoadBalancer(call, LoadBalancerName, (record) => {
    if (inUse(record, PolicyName)) {
      throw invalidConfiguration(
        `You cannot delete policy [${PolicyName}] since it is enabled or referred by other enabled policy.`,
      )
    }
    const policies = record.policies.filter(({ name }) => name !== PolicyName)
    return policies.length === record.policies.length ? record : { ...record, policies }
  })
  return {}
}

/** Without a load balancer: the sample policies. */
export const describePolicies: ElbOperation<
  DescribeLoadBalancerPoliciesInput,
  DescribeLoadBalancerPoliciesOutput
> = async ({ LoadBalancerName: loadBalancer, PolicyNames: names }, call) => {
  const policies = loadBalancer
    ? (await readLoadBalancer(call, loadBalancer)).policies
    : samplePolicies()
  if (!names?.length) return { PolicyDescriptions: policies.map(view) }
  const found = names.map((wanted) => {
    const policy = policies.find(({ name }) => name === wanted)
    if (policy !== undefined) return policy
    throw loadBalancer ? policyNotFound(wanted, loadBalancer) : samplePolicyNotFound(wanted)
  })
  return { PolicyDescriptions: found.map(view) }
}

/** The same policy again is no error: the Kubernetes provider asks for it at every synchronization. */
async function addPolicy(
  call: Call,
  loadBalancer: string | undefined,
  policy: PolicyRecord,
): Promise<void> {
  await changeLoadBalancer(call, loadBalancer, (record) => {
    checkPolicyName(policy.name)
    const attributes = policyAttributes(policy.typeName, policy.attributes, record)
    const added = { ...policy, attributes }
    const existing = record.policies.find(({ name }) => name === policy.name)
    if (existing !== undefined) {
      if (samePolicy(existing, added)) return record
      throw duplicatePolicyName(policy.name)
    }
    if (record.policies.length >= maxPolicies) throw tooManyPolicies(record.name, maxPolicies)
    return { ...record, policies: [...record.policies, added] }
  })
}

/** Enabled on a listener or an instance port, or named by a policy that is. */
function inUse(record: LoadBalancerRecord, policyName: string): boolean {
  const enabled = new Set(
    [...record.listeners, ...record.backendPolicies].flatMap(({ policyNames }) => policyNames),
  )
  const referred = record.policies
    .filter(({ name }) => enabled.has(name))
    .flatMap(({ attributes }) => attributes)
    .filter(({ name }) => name === 'PublicKeyPolicyName')
  return enabled.has(policyName) || referred.some(({ value }) => value === policyName)
}

function view(policy: PolicyRecord): PolicyDescription {
  return {
    PolicyName: policy.name,
    PolicyTypeName: policy.typeName,
    PolicyAttributeDescriptions:
      policy.typeName === 'SSLNegotiationPolicyType'
        ? describedSslAttributes(policy.attributes)
        : policy.attributes.map(attributeView),
  }
}

function attributeView({ name, value }: PolicyAttributeRecord) {
  return { AttributeName: name, AttributeValue: value }
}
