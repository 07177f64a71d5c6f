import { isPrivateKey } from '../wire/private-keys.ts'
import { invalidConfiguration } from './errors.ts'
import { findPolicyType, type PolicyAttributeType, type PolicyTypeName } from './policy-types.ts'
import { isSecure } from './protocols.ts'
import type {
  ListenerRecord,
  LoadBalancerRecord,
  PolicyAttributeRecord,
  PolicyRecord,
} from './records.ts'
import { defaultSslPolicy, predefinedSslPolicies } from './ssl-policies.ts'
import { referenceAttribute, sslPolicyAttributes, switchedOn } from './ssl-policy-rules.ts'

/**
 * The attributes of a policy as they are stored.
 * @throws ApiError PolicyTypeNotFound, InvalidConfigurationRequest
 */
export function policyAttributes(
  typeName: string,
  sent: readonly PolicyAttributeRecord[],
  record: LoadBalancerRecord,
): readonly PolicyAttributeRecord[] {
  const type = findPolicyType(typeName)
  for (const { name } of sent) {
    if (!type.attributes.some((attribute) => attribute.name === name)) {
      throw invalidConfiguration(`Policy type ${typeName} has no attribute ${name}`)
    }
  }
  for (const attribute of type.attributes) checkAttribute(attribute, sent)
  return typeRules[type.name](sent, record)
}

/** Same type and, in whatever order, the same attributes. */
export function samePolicy(a: PolicyRecord, b: PolicyRecord): boolean {
  return a.typeName === b.typeName && fingerprint(a) === fingerprint(b)
}

/** HTTPS and SSL listeners begin with the default policy, which is a policy of the load balancer from then on. */
export function withDefaultSslPolicy(
  policies: readonly PolicyRecord[],
  listeners: readonly ListenerRecord[],
): readonly PolicyRecord[] {
  const needed = listeners.some(
    ({ protocol, policyNames }) => isSecure(protocol) && policyNames.includes(defaultSslPolicy),
  )
  const there = policies.some(({ name }) => name === defaultSslPolicy)
  return needed && !there ? [...policies, defaultPolicy()] : policies
}

export function isStickiness({ typeName }: PolicyRecord): boolean {
  return typeName === 'AppCookieStickinessPolicyType' || typeName === 'LBCookieStickinessPolicyType'
}

/** Policies that exist without a load balancer, for clients that look for one to refer to. */
export function samplePolicies(): PolicyRecord[] {
  return predefinedSslPolicies.map(({ name, enabled }) => ({
    name,
    typeName: 'SSLNegotiationPolicyType',
    attributes: switchedOn(enabled),
  }))
}

function defaultPolicy(): PolicyRecord {
  return {
    name: defaultSslPolicy,
    typeName: 'SSLNegotiationPolicyType',
    attributes: sslPolicyAttributes([{ name: referenceAttribute, value: defaultSslPolicy }]),
  }
}

type TypeRule = (
  sent: readonly PolicyAttributeRecord[],
  record: LoadBalancerRecord,
) => readonly PolicyAttributeRecord[]

const typeRules: Readonly<Record<PolicyTypeName, TypeRule>> = {
  AppCookieStickinessPolicyType: appCookie,
  LBCookieStickinessPolicyType: loadBalancerCookie,
  SSLNegotiationPolicyType: sslPolicyAttributes,
  BackendServerAuthenticationPolicyType: backendAuthentication,
  ProxyProtocolPolicyType: (sent) => sent,
  PublicKeyPolicyType: publicKey,
}

function appCookie(sent: readonly PolicyAttributeRecord[]): readonly PolicyAttributeRecord[] {
  const name = sent[0]?.value ?? ''
  // A token: RFC 6265, section 4.1.1.
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) {
    throw invalidConfiguration(`CookieName '${name}' is not the name of a cookie`)
  }
  return sent
}

/** A period of 0, or none, lasts as long as the browser session, and is described as 0. */
function loadBalancerCookie(
  sent: readonly PolicyAttributeRecord[],
): readonly PolicyAttributeRecord[] {
  const [period] = sent
  if (period === undefined) return [{ name: 'CookieExpirationPeriod', value: '0' }]
  if (Number(period.value) < 0) {
    throw invalidConfiguration(`CookieExpirationPeriod ${period.value} must be positive`)
  }
  return [{ name: period.name, value: String(Number(period.value)) }]
}

/** Described to everybody as it was sent, so somebody's private key must not get in. Whatever else is no public key fits no instance. */
function publicKey(sent: readonly PolicyAttributeRecord[]): readonly PolicyAttributeRecord[] {
  if (sent.some(({ value }) => isPrivateKey(value))) {
    throw invalidConfiguration('Policy attribute PublicKey is a private key')
  }
  return sent
}

function backendAuthentication(
  sent: readonly PolicyAttributeRecord[],
  record: LoadBalancerRecord,
): readonly PolicyAttributeRecord[] {
  checkPublicKeyPolicies(sent, record)
  return sent
}

/** @throws ApiError InvalidConfigurationRequest when one that is named is not a public key policy of the load balancer */
export function checkPublicKeyPolicies(
  attributes: readonly PolicyAttributeRecord[],
  record: LoadBalancerRecord,
): void {
  for (const { value } of attributes) {
    const policy = record.policies.find(({ name }) => name === value)
    if (policy?.typeName !== 'PublicKeyPolicyType') {
      throw invalidConfiguration(
        `There is no policy of type PublicKeyPolicyType with name ${value} for load balancer ${record.name}`,
      )
    }
  }
}

function checkAttribute(
  { name, type, cardinality }: PolicyAttributeType,
  sent: readonly PolicyAttributeRecord[],
): void {
  const values = sent.filter((attribute) => attribute.name === name).map(({ value }) => value)
  if (values.length === 0 && cardinality !== 'ZERO_OR_ONE') {
    throw invalidConfiguration(`Policy attribute ${name} is missing`)
  }
  if (values.length > 1 && cardinality !== 'ONE_OR_MORE') {
    throw invalidConfiguration(`Policy attribute ${name} was specified more than once`)
  }
  const wrong = values.find((value) => !valueSyntax[type].test(value))
  if (wrong !== undefined) {
    throw invalidConfiguration(`Value '${wrong}' of policy attribute ${name} is not a ${type}`)
  }
}

const valueSyntax: Readonly<Record<PolicyAttributeType['type'], RegExp>> = {
  String: /./s,
  PolicyName: /./s,
  Long: /^-?\d{1,15}$/,
  Boolean: /^(true|false)$/i,
}

function fingerprint({ attributes }: PolicyRecord): string {
  return JSON.stringify(attributes.map(({ name, value }) => [name, value]).sort())
}
