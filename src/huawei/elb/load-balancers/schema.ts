import { z } from 'zod'
import { description, name, protection, reference, tags } from '../fields.ts'

/** What can be changed later. */
export const loadBalancerFields = z.strictObject({
  name,
  description,
  admin_state_up: z.boolean(),
  l4_flavor_id: reference.nullable(),
  l7_flavor_id: reference.nullable(),
  elb_virsubnet_ids: z.array(reference).max(64),
  ip_target_enable: z.boolean(),
  deletion_protection_enable: z.boolean(),
  waf_failure_action: z.enum(['discard', 'forward']),
  ...protection,
})

export type LoadBalancerFields = z.infer<typeof loadBalancerFields>

/** An EIP that is made with the load balancer. */
const publicIp = z.strictObject({
  ip_version: z.literal(4).optional(),
  network_type: z.string().max(36),
  description: z.string().max(64).optional(),
  /** Clients have to send it. What it says of traffic's price and width is passed over: nothing here has a price. */
  bandwidth: z.strictObject({
    id: z.string().optional(),
    name: z.string().max(64).optional(),
    size: z.number().int().min(0).max(99_999).optional(),
    charge_mode: z.string().optional(),
    share_type: z.string().optional(),
  }),
})

export const loadBalancerCreation = loadBalancerFields.partial().extend({
  availability_zone_list: z.array(z.string().min(1)).min(1),
  vpc_id: reference.optional(),
  vip_subnet_cidr_id: reference.nullable().optional(),
  ipv6_vip_virsubnet_id: reference.nullable().optional(),
  vip_address: z.ipv4().optional(),
  provider: z.literal('vlb').optional(),
  guaranteed: z.literal(true).optional(),
  publicip: publicIp.optional(),
  publicip_ids: z.array(reference).max(0).optional(),
  enterprise_project_id: z.string().max(36).optional(),
  tags: tags.optional(),
})

export const loadBalancerUpdate = loadBalancerFields.partial()

export type LoadBalancerCreation = z.infer<typeof loadBalancerCreation>
export type LoadBalancerUpdate = z.infer<typeof loadBalancerUpdate>

/** Of `POST …/delete-cascade`: what of that which hangs on the load balancer goes with it. */
export const cascade = z.strictObject({
  unbounded_pool: z.boolean().optional(),
  public_ip: z.boolean().optional(),
})
