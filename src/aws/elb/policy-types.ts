import type {
  DescribeLoadBalancerPolicyTypesInput,
  DescribeLoadBalancerPolicyTypesOutput,
  PolicyTypeDescription,
} from '@aws-sdk/client-elastic-load-balancing'
import { policyTypeNotFound } from './errors.ts'
import type { ElbOperation } from './load-balancers.ts'
import { serverOrder, sslCiphers, sslProtocols } from './ssl-policies.ts'
import { referenceAttribute } from './ssl-policy-rules.ts'

export type PolicyTypeName =
  | 'AppCookieStickinessPolicyType'
  | 'LBCookieStickinessPolicyType'
  | 'SSLNegotiationPolicyType'
  | 'BackendServerAuthenticationPolicyType'
  | 'ProxyProtocolPolicyType'
  | 'PublicKeyPolicyType'

export interface PolicyType {
  readonly name: PolicyTypeName
  readonly description: string
  readonly attributes: readonly PolicyAttributeType[]
}

export interface PolicyAttributeType {
  readonly name: string
  readonly type: 'String' | 'Long' | 'Boolean' | 'PolicyName'
  readonly cardinality: 'ONE' | 'ZERO_OR_ONE' | 'ONE_OR_MORE'
}

export const describePolicyTypes: ElbOperation<
  DescribeLoadBalancerPolicyTypesInput,
  DescribeLoadBalancerPolicyTypesOutput
> = async ({ PolicyTypeNames: names }) => ({
  PolicyTypeDescriptions: names?.length
    ? names.map((name) => view(findPolicyType(name)))
    : policyTypes.map(view),
})

/** @throws ApiError PolicyTypeNotFound */
export function findPolicyType(name: string): PolicyType {
  const found = policyTypes.find((type) => type.name === name)
  if (found === undefined) throw policyTypeNotFound(name)
  return found
}

/** In AWS's words and order. */
const policyTypes: readonly PolicyType[] = [
  {
    name: 'AppCookieStickinessPolicyType',
    description:
      'Stickiness policy with session lifetimes controlled by the lifetime of the application-generated cookie. This policy can be associated only with HTTP/HTTPS listeners.',
    attributes: [{ name: 'CookieName', type: 'String', cardinality: 'ONE' }],
  },
  {
    name: 'LBCookieStickinessPolicyType',
    description:
      'Stickiness policy with session lifetimes controlled by the browser (user-agent) or a specified expiration period. This policy can be associated only with HTTP/HTTPS listeners.',
    attributes: [{ name: 'CookieExpirationPeriod', type: 'Long', cardinality: 'ZERO_OR_ONE' }],
  },
  {
    name: 'SSLNegotiationPolicyType',
    description:
      'Listener policy that defines the ciphers and protocols that will be accepted by the load balancer. This policy can be associated only with HTTPS/SSL listeners.',
    attributes: [
      ...sslProtocols.map(sslSwitch),
      { name: referenceAttribute, type: 'String', cardinality: 'ZERO_OR_ONE' },
      ...[serverOrder, ...sslCiphers].map(sslSwitch),
    ],
  },
  {
    name: 'BackendServerAuthenticationPolicyType',
    description:
      'Policy that controls authentication to back-end server(s) and contains one or more policies, such as an instance of a PublicKeyPolicyType. This policy can be associated only with back-end servers that are using HTTPS/SSL.',
    attributes: [{ name: 'PublicKeyPolicyName', type: 'PolicyName', cardinality: 'ONE_OR_MORE' }],
  },
  {
    name: 'ProxyProtocolPolicyType',
    description:
      'Policy that controls whether to include the IP address and port of the originating request for TCP messages. This policy operates on TCP/SSL listeners only',
    attributes: [{ name: 'ProxyProtocol', type: 'Boolean', cardinality: 'ONE' }],
  },
  {
    name: 'PublicKeyPolicyType',
    description:
      'Policy containing a list of public keys to accept when authenticating the back-end server(s). This policy cannot be applied directly to back-end servers or listeners but must be part of a BackendServerAuthenticationPolicyType.',
    attributes: [{ name: 'PublicKey', type: 'String', cardinality: 'ONE' }],
  },
]

function sslSwitch(name: string): PolicyAttributeType {
  return { name, type: 'Boolean', cardinality: 'ZERO_OR_ONE' }
}

function view(type: PolicyType): PolicyTypeDescription {
  return {
    PolicyTypeName: type.name,
    Description: type.description,
    PolicyAttributeTypeDescriptions: type.attributes.map((attribute) => ({
      AttributeName: attribute.name,
      AttributeType: attribute.type,
      Cardinality: attribute.cardinality,
    })),
  }
}
