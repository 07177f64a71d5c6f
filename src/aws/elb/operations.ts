import type { Operation } from '../wire/service.ts'
import { describeAttributes, modifyAttributes } from './attributes.ts'
import { createLoadBalancer } from './create.ts'
import { deleteLoadBalancer } from './delete.ts'
import { describeLoadBalancers } from './describe.ts'
import { configureHealthCheck } from './health-check.ts'
import { describeInstanceHealth } from './instance-health.ts'
import { deregisterInstances, registerInstances } from './instances.ts'
import { describeAccountLimits } from './limits.ts'
import { createListeners, deleteListeners, setListenerCertificate } from './listeners.ts'
import type { ElbOperation } from './load-balancers.ts'
import {
  createAppCookiePolicy,
  createLoadBalancerCookiePolicy,
  createPolicy,
  deletePolicy,
  describePolicies,
} from './policies.ts'
import { setPoliciesForBackendServer, setPoliciesOfListener } from './policy-assignment.ts'
import { describePolicyTypes } from './policy-types.ts'
import type { ElbPorts } from './ports.ts'
import { applySecurityGroups } from './security-groups.ts'
import { attachSubnets, detachSubnets } from './subnets.ts'
import { addTags, describeTags, removeTags } from './tags.ts'
import { disableZones, enableZones } from './zones.ts'

/** The whole API of 2012-06-01. */
export function elbOperations(ports: ElbPorts): Readonly<Record<string, Operation>> {
  const bound =
    <I, O extends object>(operation: ElbOperation<I, O>): Operation<I, O> =>
    (input, call) =>
      operation(input, call, ports)
  return {
    AddTags: bound(addTags),
    ApplySecurityGroupsToLoadBalancer: bound(applySecurityGroups),
    AttachLoadBalancerToSubnets: bound(attachSubnets),
    ConfigureHealthCheck: bound(configureHealthCheck),
    CreateAppCookieStickinessPolicy: bound(createAppCookiePolicy),
    CreateLBCookieStickinessPolicy: bound(createLoadBalancerCookiePolicy),
    CreateLoadBalancer: bound(createLoadBalancer),
    CreateLoadBalancerListeners: bound(createListeners),
    CreateLoadBalancerPolicy: bound(createPolicy),
    DeleteLoadBalancer: bound(deleteLoadBalancer),
    DeleteLoadBalancerListeners: bound(deleteListeners),
    DeleteLoadBalancerPolicy: bound(deletePolicy),
    DeregisterInstancesFromLoadBalancer: bound(deregisterInstances),
    DescribeAccountLimits: bound(describeAccountLimits),
    DescribeInstanceHealth: bound(describeInstanceHealth),
    DescribeLoadBalancerAttributes: bound(describeAttributes),
    DescribeLoadBalancerPolicies: bound(describePolicies),
    DescribeLoadBalancerPolicyTypes: bound(describePolicyTypes),
    DescribeLoadBalancers: bound(describeLoadBalancers),
    DescribeTags: bound(describeTags),
    DetachLoadBalancerFromSubnets: bound(detachSubnets),
    DisableAvailabilityZonesForLoadBalancer: bound(disableZones),
    EnableAvailabilityZonesForLoadBalancer: bound(enableZones),
    ModifyLoadBalancerAttributes: bound(modifyAttributes),
    RegisterInstancesWithLoadBalancer: bound(registerInstances),
    RemoveTags: bound(removeTags),
    SetLoadBalancerListenerSSLCertificate: bound(setListenerCertificate),
    SetLoadBalancerPoliciesForBackendServer: bound(setPoliciesForBackendServer),
    SetLoadBalancerPoliciesOfListener: bound(setPoliciesOfListener),
  }
}
