/** The errors of the API's model, each with the words that clients look for in it. */
import {
  AccessPointNotFoundException$,
  CertificateNotFoundException$,
  DuplicateAccessPointNameException$,
  DuplicateListenerException$,
  DuplicatePolicyNameException$,
  DuplicateTagKeysException$,
  InvalidConfigurationRequestException$,
  InvalidEndPointException$,
  InvalidSchemeException$,
  InvalidSecurityGroupException$,
  InvalidSubnetException$,
  ListenerNotFoundException$,
  LoadBalancerAttributeNotFoundException$,
  PolicyNotFoundException$,
  PolicyTypeNotFoundException$,
  SubnetNotFoundException$,
  TooManyAccessPointsException$,
  TooManyPoliciesException$,
  TooManyTagsException$,
  UnsupportedProtocolException$,
} from '@aws-sdk/client-elastic-load-balancing'
import { type ApiError, modeled } from '../wire/errors.ts'

export function loadBalancerNotFound(name: string): ApiError {
  return modeled(AccessPointNotFoundException$, `There is no ACTIVE Load Balancer named '${name}'`)
}

export function duplicateLoadBalancerName(name: string): ApiError {
  return modeled(
    DuplicateAccessPointNameException$,
    `Load Balancer named '${name}' already exists and it is configured with different parameters.`,
  )
}

export function tooManyLoadBalancers(accountId: string): ApiError {
  return modeled(TooManyAccessPointsException$, `Exceeded quota of account ${accountId}`)
}

/** The change would leave the load balancer in a state that it must not have: status 409. */
export function invalidConfiguration(message: string): ApiError {
  return modeled(InvalidConfigurationRequestException$, message)
}

export function certificateNotFound(arn: string): ApiError {
  return modeled(CertificateNotFoundException$, `Server Certificate not found for the key: ${arn}`)
}

export function unsupportedProtocol(protocol: string): ApiError {
  return modeled(
    UnsupportedProtocolException$,
    `Protocol '${protocol}' is not supported. It must be one of HTTP, HTTPS, TCP, SSL`,
  )
}

export function duplicateListener(name: string, port: number): ApiError {
  return modeled(
    DuplicateListenerException$,
    `A listener already exists for ${name} with LoadBalancerPort ${port}, but with a different InstancePort, Protocol, or SSLCertificateId`,
  )
}

export function listenerNotFound(name: string, port: number): ApiError {
  return modeled(
    ListenerNotFoundException$,
    `There is no listener with LoadBalancerPort ${port} for load balancer ${name}`,
  )
}

export function invalidScheme(scheme: string): ApiError {
  return modeled(
    InvalidSchemeException$,
    `Scheme '${scheme}' is not valid. It must be internet-facing or internal`,
  )
}

export function subnetNotFound(subnetId: string): ApiError {
  return modeled(SubnetNotFoundException$, `The subnet ID '${subnetId}' does not exist`)
}

export function invalidSubnet(message: string): ApiError {
  return modeled(InvalidSubnetException$, message)
}

export function invalidSecurityGroup(): ApiError {
  return modeled(
    InvalidSecurityGroupException$,
    'One or more of the specified security groups do not exist.',
  )
}

export function invalidInstance(message: string): ApiError {
  return modeled(InvalidEndPointException$, message)
}

export function instanceNotFound(instanceId: string): ApiError {
  return invalidInstance(`Could not find EC2 instance ${instanceId}.`)
}

export function policyNotFound(policy: string, loadBalancer: string): ApiError {
  return modeled(
    PolicyNotFoundException$,
    `There is no policy with name ${policy} for load balancer ${loadBalancer}`,
  )
}

export function samplePolicyNotFound(policy: string): ApiError {
  return modeled(PolicyNotFoundException$, `There is no sample policy with name ${policy}`)
}

export function policyTypeNotFound(typeName: string): ApiError {
  return modeled(PolicyTypeNotFoundException$, `Policy type ${typeName} does not exist`)
}

export function duplicatePolicyName(policy: string): ApiError {
  return modeled(DuplicatePolicyNameException$, `Policy Name [${policy}] already exists.`)
}

export function tooManyPolicies(loadBalancer: string, limit: number): ApiError {
  return modeled(
    TooManyPoliciesException$,
    `Load balancer ${loadBalancer} cannot have more than ${limit} policies`,
  )
}

export function attributeNotFound(key: string): ApiError {
  return modeled(
    LoadBalancerAttributeNotFoundException$,
    `Load balancer attribute key '${key}' is not recognized`,
  )
}

export function tooManyTags(loadBalancer: string, limit: number): ApiError {
  return modeled(
    TooManyTagsException$,
    `Load balancer ${loadBalancer} cannot have more than ${limit} tags`,
  )
}

export function duplicateTagKeys(key: string): ApiError {
  return modeled(DuplicateTagKeysException$, `Tag key '${key}' was specified more than once`)
}
