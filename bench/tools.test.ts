import { expect, test } from 'vitest'
import { allowedCpus } from './tools.ts'

test('the CPUs that the process may use are listed', () => {
  const status = 'Name:\tnode\nCpus_allowed:\t13\nCpus_allowed_list:\t0-1,4\nMems_allowed:\t1\n'
  expect(allowedCpus(status)).toEqual([0, 1, 4])
})
