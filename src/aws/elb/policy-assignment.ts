import type {
  SetLoadBalancerPoliciesForBackendServerInput,
  SetLoadBalancerPoliciesForBackendServerOutput,
  SetLoadBalancerPoliciesOfListenerInput,
  SetLoadBalancerPoliciesOfListenerOutput,
} from '@aws-sdk/client-elastic-load-balancing'
import type { Logger } from '../../telemetry/logger.ts'
import { atLeast, atMost, check, reject } from '../wire/constraints.ts'
import { invalidConfiguration, listenerNotFound, policyNotFound } from './errors.ts'
import { changeLoadBalancer, type ElbOperation } from './load-balancers.ts'
import { checkPublicKeyPolicies, isStickiness } from './policy-rules.ts'
import { isHttp, isSecure } from './protocols.ts'
import type { ListenerRecord, LoadBalancerRecord, PolicyRecord } from './records.ts'
import { isUnusable, passedOver } from './ssl-negotiation.ts'

export const setPoliciesOfListener: ElbOperation<
  SetLoadBalancerPoliciesOfListenerInput,
  SetLoadBalancerPoliciesOfListenerOutput
> = async ({ LoadBalancerName, LoadBalancerPort: port = 0, PolicyNames }, call) => {
  let enabled: PolicyRecord[] = []
  await changeLoadBalancer(call, LoadBalancerName, (record) => {
    const listener = record.listeners.find(({ loadBalancerPort }) => loadBalancerPort === port)
    if (listener === undefined) throw listenerNotFound(record.name, port)
    const policies = findPolicies(record, PolicyNames)
    for (const policy of policies) checkForListener(policy, listener)
    checkAtMostOne(policies.filter(isStickiness), 'stickiness')
    checkAtMostOne(policies.filter(isSslNegotiation), 'SSL negotiation')
    enabled = policies.filter(({ name }) => !listener.policyNames.includes(name))
    const changed = { ...listener, policyNames: enabledNames(record, listener, policies) }
    return {
      ...record,
      listeners: record.listeners.map((other) => (other === listener ? changed : other)),
    }
  })
  for (const policy of enabled.filter(isSslNegotiation)) {
    reportPassedOver(policy, `${LoadBalancerName}:${port}`, call.logger)
  }
  return {}
}

/** Any instance port will do, whether or not a listener uses it yet. */
export const setPoliciesForBackendServer: ElbOperation<
  SetLoadBalancerPoliciesForBackendServerInput,
  SetLoadBalancerPoliciesForBackendServerOutput
> = async ({ LoadBalancerName, InstancePort, PolicyNames }, call) => {
  reject(check('instancePort', InstancePort, atLeast(1), atMost(65535)))
  const instancePort = InstancePort ?? 0
  await changeLoadBalancer(call, LoadBalancerName, (record) => {
    const policies = findPolicies(record, PolicyNames)
    for (const policy of policies) checkForInstancePort(policy, instancePort, record)
    checkAtMostOne(policies.filter(isBackendAuthentication), 'back-end server authentication')
    const others = record.backendPolicies.filter((entry) => entry.instancePort !== instancePort)
    const policyNames = policies.map(({ name }) => name)
    const entry = policyNames.length === 0 ? [] : [{ instancePort, policyNames }]
    return { ...record, backendPolicies: [...others, ...entry] }
  })
  return {}
}

/** @throws ApiError PolicyNotFound */
function findPolicies(record: LoadBalancerRecord, names: readonly string[] = []): PolicyRecord[] {
  return [...new Set(names)].map((wanted) => {
    const policy = record.policies.find(({ name }) => name === wanted)
    if (policy === undefined) throw policyNotFound(wanted, record.name)
    return policy
  })
}

/**
 * The list replaces what was enabled. Only the SSL negotiation policy of an HTTPS or SSL listener survives a list that names other
 * policies and none of its kind, as the guide shows (page 80); an empty list disables everything.
 */
function enabledNames(
  record: LoadBalancerRecord,
  listener: ListenerRecord,
  policies: readonly PolicyRecord[],
): string[] {
  const names = policies.map(({ name }) => name)
  if (names.length === 0 || policies.some(isSslNegotiation)) return names
  const kept = record.policies.filter(
    (policy) => isSslNegotiation(policy) && listener.policyNames.includes(policy.name),
  )
  return [...names, ...kept.map(({ name }) => name)]
}

/** @throws ApiError InvalidConfigurationRequest */
function checkForListener(policy: PolicyRecord, { protocol, loadBalancerPort }: ListenerRecord) {
  if (!isStickiness(policy) && !isSslNegotiation(policy)) {
    throw invalidConfiguration(`${policy.name} cannot be enabled`)
  }
  const refusal = `${policy.name} cannot be enabled on the ${protocol} listener with LoadBalancerPort ${loadBalancerPort}`
  const fits = isStickiness(policy) ? isHttp(protocol) : isSecure(protocol)
  if (!fits) {
    throw invalidConfiguration(
      `${refusal}: ${policy.typeName} needs ${isStickiness(policy) ? 'HTTP or HTTPS' : 'HTTPS or SSL'}`,
    )
  }
  if (isSslNegotiation(policy) && isUnusable(policy)) {
    throw invalidConfiguration(
      `${refusal}: none of its ciphers can be negotiated in any of its protocols: ${passedOver(policy).join(', ')}`,
    )
  }
}

/** Not an error: whoever has a policy of the guide's means the rest of it too. */
function reportPassedOver(policy: PolicyRecord, listener: string, logger: Logger): void {
  const names = passedOver(policy)
  if (names.length === 0) return
  logger.warn(
    { listener, policy: policy.name, passedOver: names },
    'an SSL negotiation policy enables what is never negotiated',
  )
}

/**
 * A proxy protocol policy works with TCP only, but goes on any instance port: AWS takes it (Ansible enables it on HTTP).
 *
 * @throws ApiError InvalidConfigurationRequest
 */
function checkForInstancePort(policy: PolicyRecord, port: number, record: LoadBalancerRecord) {
  if (isProxyProtocol(policy)) return
  if (!isBackendAuthentication(policy)) {
    throw invalidConfiguration(`${policy.name} cannot be enabled`)
  }
  const users = record.listeners.filter(({ instancePort }) => instancePort === port)
  if (users.length > 0 && !users.some(({ instanceProtocol }) => isSecure(instanceProtocol))) {
    throw invalidConfiguration(
      `${policy.name} cannot be enabled on instance port ${port}: ${policy.typeName} needs an instance protocol of HTTPS or SSL`,
    )
  }
  checkPublicKeyPolicies(policy.attributes, record)
}

function checkAtMostOne(policies: readonly PolicyRecord[], kind: string): void {
  if (policies.length <= 1) return
  const names = policies.map(({ name }) => name).join(', ')
  throw invalidConfiguration(`Only one ${kind} policy can be enabled, not ${names}`)
}

function isSslNegotiation({ typeName }: PolicyRecord): boolean {
  return typeName === 'SSLNegotiationPolicyType'
}

function isProxyProtocol({ typeName }: PolicyRecord): boolean {
  return typeName === 'ProxyProtocolPolicyType'
}

function isBackendAuthentication({ typeName }: PolicyRecord): boolean {
  return typeName === 'BackendServerAuthenticationPolicyType'
}
