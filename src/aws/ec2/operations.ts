/** Every operation of EC2 that is served, by its name in the API. */
import type { LoadedService } from '../wire/service.ts'
import { describeAccountAttributes, describeAvailabilityZones, describeRegions } from './account.ts'
import {
  describeVpcClassicLink,
  describeVpcClassicLinkDnsSupport,
  refuseClassicLink,
} from './ec2-classic.ts'
import {
  describeInstanceAttribute,
  describeInstanceCreditSpecifications,
  describeVolumes,
  modifyInstanceAttribute,
} from './instance-attributes.ts'
import {
  rebootInstances,
  startInstances,
  stopInstances,
  terminateInstances,
} from './instance-states.ts'
import { describeInstanceTypes } from './instance-types.ts'
import { describeInstanceStatus, describeInstances } from './instances.ts'
import {
  attachInternetGateway,
  createInternetGateway,
  deleteInternetGateway,
  describeInternetGateways,
  detachInternetGateway,
} from './internet-gateways.ts'
import {
  createNetworkAclEntry,
  deleteNetworkAclEntry,
  replaceNetworkAclEntry,
} from './network-acl-entries.ts'
import {
  createNetworkAcl,
  deleteNetworkAcl,
  describeNetworkAcls,
  replaceNetworkAclAssociation,
} from './network-acls.ts'
import {
  deleteNetworkInterface,
  describeNetworkInterfaces,
  detachNetworkInterface,
  modifyNetworkInterfaceAttribute,
} from './network-interfaces.ts'
import { operation } from './operation.ts'
import {
  associateRouteTable,
  createRouteTable,
  deleteRouteTable,
  describeRouteTables,
  disassociateRouteTable,
  replaceRouteTableAssociation,
} from './route-tables.ts'
import { createRoute, deleteRoute, replaceRoute } from './routes.ts'
import { runInstances } from './run-instances.ts'
import { modifySecurityGroupRules } from './security-group-rule-changes.ts'
import {
  authorizeSecurityGroupEgress,
  authorizeSecurityGroupIngress,
  describeSecurityGroupRules,
  revokeSecurityGroupEgress,
  revokeSecurityGroupIngress,
} from './security-group-rules.ts'
import {
  createSecurityGroup,
  deleteSecurityGroup,
  describeSecurityGroups,
} from './security-groups.ts'
import {
  associateSubnetCidrBlock,
  createSubnet,
  deleteSubnet,
  describeSubnets,
  disassociateSubnetCidrBlock,
  modifySubnetAttribute,
} from './subnets.ts'
import { createTags, deleteTags, describeTags } from './tags.ts'
import {
  associateVpcCidrBlock,
  createVpc,
  deleteVpc,
  describeVpcAttribute,
  describeVpcs,
  disassociateVpcCidrBlock,
  modifyVpcAttribute,
} from './vpcs.ts'

export const ec2Operations: LoadedService['operations'] = {
  AssociateRouteTable: operation(associateRouteTable),
  AssociateSubnetCidrBlock: operation(associateSubnetCidrBlock),
  AssociateVpcCidrBlock: operation(associateVpcCidrBlock),
  AttachClassicLinkVpc: operation(refuseClassicLink),
  AttachInternetGateway: operation(attachInternetGateway),
  AuthorizeSecurityGroupEgress: operation(authorizeSecurityGroupEgress),
  AuthorizeSecurityGroupIngress: operation(authorizeSecurityGroupIngress),
  CreateInternetGateway: operation(createInternetGateway),
  CreateNetworkAcl: operation(createNetworkAcl),
  CreateNetworkAclEntry: operation(createNetworkAclEntry),
  CreateRoute: operation(createRoute),
  CreateRouteTable: operation(createRouteTable),
  CreateSecurityGroup: operation(createSecurityGroup),
  CreateSubnet: operation(createSubnet),
  CreateTags: operation(createTags),
  CreateVpc: operation(createVpc),
  DeleteInternetGateway: operation(deleteInternetGateway),
  DeleteNetworkAcl: operation(deleteNetworkAcl),
  DeleteNetworkAclEntry: operation(deleteNetworkAclEntry),
  DeleteNetworkInterface: operation(deleteNetworkInterface),
  DeleteRoute: operation(deleteRoute),
  DeleteRouteTable: operation(deleteRouteTable),
  DeleteSecurityGroup: operation(deleteSecurityGroup),
  DeleteSubnet: operation(deleteSubnet),
  DeleteTags: operation(deleteTags),
  DeleteVpc: operation(deleteVpc),
  DescribeAccountAttributes: operation(describeAccountAttributes),
  DescribeAvailabilityZones: operation(describeAvailabilityZones),
  DescribeInstanceAttribute: operation(describeInstanceAttribute),
  DescribeInstanceCreditSpecifications: operation(describeInstanceCreditSpecifications),
  DescribeInstanceStatus: operation(describeInstanceStatus),
  DescribeInstanceTypes: operation(describeInstanceTypes),
  DescribeInstances: operation(describeInstances),
  DescribeInternetGateways: operation(describeInternetGateways),
  DescribeNetworkAcls: operation(describeNetworkAcls),
  DescribeNetworkInterfaces: operation(describeNetworkInterfaces),
  DescribeRegions: operation(describeRegions),
  DescribeRouteTables: operation(describeRouteTables),
  DescribeSecurityGroupRules: operation(describeSecurityGroupRules),
  DescribeSecurityGroups: operation(describeSecurityGroups),
  DescribeSubnets: operation(describeSubnets),
  DescribeTags: operation(describeTags),
  DescribeVolumes: operation(describeVolumes),
  DescribeVpcAttribute: operation(describeVpcAttribute),
  DescribeVpcClassicLink: operation(describeVpcClassicLink),
  DescribeVpcClassicLinkDnsSupport: operation(describeVpcClassicLinkDnsSupport),
  DescribeVpcs: operation(describeVpcs),
  DetachClassicLinkVpc: operation(refuseClassicLink),
  DetachInternetGateway: operation(detachInternetGateway),
  DetachNetworkInterface: operation(detachNetworkInterface),
  DisableVpcClassicLink: operation(refuseClassicLink),
  DisableVpcClassicLinkDnsSupport: operation(refuseClassicLink),
  DisassociateRouteTable: operation(disassociateRouteTable),
  DisassociateSubnetCidrBlock: operation(disassociateSubnetCidrBlock),
  DisassociateVpcCidrBlock: operation(disassociateVpcCidrBlock),
  EnableVpcClassicLink: operation(refuseClassicLink),
  EnableVpcClassicLinkDnsSupport: operation(refuseClassicLink),
  ModifyInstanceAttribute: operation(modifyInstanceAttribute),
  ModifyNetworkInterfaceAttribute: operation(modifyNetworkInterfaceAttribute),
  ModifySecurityGroupRules: operation(modifySecurityGroupRules),
  ModifySubnetAttribute: operation(modifySubnetAttribute),
  ModifyVpcAttribute: operation(modifyVpcAttribute),
  RebootInstances: operation(rebootInstances),
  ReplaceNetworkAclAssociation: operation(replaceNetworkAclAssociation),
  ReplaceNetworkAclEntry: operation(replaceNetworkAclEntry),
  ReplaceRoute: operation(replaceRoute),
  ReplaceRouteTableAssociation: operation(replaceRouteTableAssociation),
  RevokeSecurityGroupEgress: operation(revokeSecurityGroupEgress),
  RevokeSecurityGroupIngress: operation(revokeSecurityGroupIngress),
  RunInstances: operation(runInstances),
  StartInstances: operation(startInstances),
  StopInstances: operation(stopInstances),
  TerminateInstances: operation(terminateInstances),
}
