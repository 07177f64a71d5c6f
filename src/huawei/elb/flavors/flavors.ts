/** Flavors say how much a load balancer can take. Here it is what the machine can: they are there for clients that have to name one. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { notFound } from '../../wire/errors.ts'

export const flavorAnswer = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    type: z.enum(['L4', 'L7']),
    shared: z.literal(true),
    flavor_sold_out: z.literal(false),
    info: z.strictObject({}),
  })
  .meta({ id: 'Flavor' })

export type Flavor = z.infer<typeof flavorAnswer>

const sizes = ['s1.small', 's2.small', 's1.medium', 's2.medium', 's1.large', 's2.large']

export const flavors: readonly Flavor[] = (['L4', 'L7'] as const).flatMap((type) =>
  sizes.map((size) => {
    const name = `${type}_flavor.elb.${size}`
    return { id: idOf(name), name, type, shared: true, flavor_sold_out: false, info: {} }
  }),
)

/** @throws HuaweiError ELB.8904 */
export function needFlavor(id: string, type: Flavor['type']): Flavor {
  const flavor = flavors.find((each) => each.id === id && each.type === type)
  if (flavor === undefined) throw notFound(`${type} flavor`, id)
  return flavor
}

/** The same everywhere, for ever. */
function idOf(name: string): string {
  const digits = createHash('sha256').update(name).digest('hex')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
}
