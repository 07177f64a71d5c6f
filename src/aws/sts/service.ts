import type { GetCallerIdentityResponse } from '@aws-sdk/client-sts'
import { queryProtocol } from '../wire/query.ts'
import type { Operation, Service } from '../wire/service.ts'

/** AWS Security Token Service: who am I. Every caller is the account's root user. */
export function createStsService(): Service {
  return {
    signingName: 'sts',
    protocols: [queryProtocol('2011-06-15', 'https://sts.amazonaws.com/doc/2011-06-15/')],
    async load() {
      return {
        schemas: await import('@aws-sdk/client-sts'),
        operations: { GetCallerIdentity: getCallerIdentity },
      }
    },
  }
}

const getCallerIdentity: Operation<object, GetCallerIdentityResponse> = async (
  _input,
  { accountId },
) => ({
  UserId: accountId,
  Account: accountId,
  Arn: `arn:aws:iam::${accountId}:root`,
})
