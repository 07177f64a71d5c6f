import {
  AccessPointNotFoundException$,
  InvalidConfigurationRequestException$,
} from '@aws-sdk/client-elastic-load-balancing'
import { describe, expect, it } from 'vitest'
import { modeled } from './errors.ts'

describe('modeled', () => {
  it('takes the wire code and the status from the schema, not the name of the shape', () => {
    expect(modeled(AccessPointNotFoundException$, 'gone')).toMatchObject({
      code: 'LoadBalancerNotFound',
      status: 400,
      message: 'gone',
    })
    expect(modeled(InvalidConfigurationRequestException$, 'no')).toMatchObject({
      code: 'InvalidConfigurationRequest',
      status: 409,
    })
  })

  it('falls back to the name of the shape and the kind of error', () => {
    expect(modeled([-3, 'ns', 'Overloaded', { error: 'server' }, [], []], 'busy')).toMatchObject({
      code: 'Overloaded',
      status: 500,
    })
  })
})
