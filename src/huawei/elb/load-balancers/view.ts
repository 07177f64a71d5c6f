import { z } from 'zod'
import { active, enterpriseProject, ids, listOf, owned } from '../answers.ts'
import { tag } from '../fields.ts'
import type { LoadBalancerRecord } from '../records.ts'
import { listenersOf, logConfigurationOf, poolsOf, references } from '../relations.ts'
import type { Scope } from '../scope.ts'
import { loadBalancerFields } from './schema.ts'

const ip_version = z.literal(4)

const publicIp = z.strictObject({
  publicip_id: z.string(),
  publicip_address: z.ipv4(),
  ip_version,
})

const eip = z.strictObject({ eip_id: z.string(), eip_address: z.ipv4(), ip_version })

export const loadBalancerAnswer = loadBalancerFields
  .extend({
    ...owned,
    vpc_id: z.string(),
    availability_zone_list: listOf(z.string()),
    vip_subnet_cidr_id: z.string(),
    vip_address: z.ipv4(),
    vip_port_id: z.string(),
    ipv6_vip_virsubnet_id: z.string().nullable(),
    ipv6_vip_address: z.ipv6().nullable(),
    ipv6_vip_port_id: z.string().nullable(),
    ipv6_bandwidth: z.null(),
    provider: z.literal('vlb'),
    guaranteed: z.literal(true),
    provisioning_status: active,
    operating_status: z.literal('ONLINE'),
    elb_virsubnet_type: z.literal('ipv4'),
    frozen_scene: z.literal(''),
    billing_info: z.literal(''),
    public_border_group: z.literal('center'),
    publicips: z.array(publicIp).max(1),
    eips: z.array(eip).max(1),
    global_eips: z.array(z.never()).max(0),
    listeners: ids,
    pools: ids,
    log_group_id: z.string().nullable(),
    log_topic_id: z.string().nullable(),
    tags: listOf(tag),
    enterprise_project_id: enterpriseProject,
  })
  .meta({ id: 'LoadBalancer' })

/** A load balancer as the API shows it. */
export function loadBalancerView(
  { project }: Scope,
  record: LoadBalancerRecord,
): z.infer<typeof loadBalancerAnswer> {
  const { vip, eip, asked: _asked, ...fields } = record
  const log = logConfigurationOf(project, record)
  return {
    ...fields,
    provider: 'vlb',
    guaranteed: true,
    provisioning_status: 'ACTIVE',
    operating_status: 'ONLINE',
    vip_address: vip.address,
    vip_port_id: vip.interface_id,
    ipv6_vip_address: record.ipv6_vip_virsubnet_id === null ? null : vip.ipv6_address,
    ipv6_vip_port_id: record.ipv6_vip_virsubnet_id === null ? null : vip.interface_id,
    ipv6_bandwidth: null,
    elb_virsubnet_type: 'ipv4',
    frozen_scene: '',
    billing_info: '',
    public_border_group: 'center',
    publicips:
      eip === null
        ? []
        : [{ publicip_id: eip.interface_id, publicip_address: eip.address, ip_version: 4 }],
    eips:
      eip === null ? [] : [{ eip_id: eip.interface_id, eip_address: eip.address, ip_version: 4 }],
    global_eips: [],
    log_group_id: log?.log_group_id ?? null,
    log_topic_id: log?.log_topic_id ?? null,
    listeners: references(listenersOf(project, record)),
    pools: references(poolsOf(project, record)),
  }
}
