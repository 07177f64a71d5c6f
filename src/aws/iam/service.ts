import type { Service } from '../wire/service.ts'

/** AWS Identity and Access Management, as far as clients ask who they are: the account's root user is the only one. */
export function createIamService(): Service {
  return {
    signingName: 'iam',
    version: '2010-05-08',
    protocol: 'query',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    async load() {
      const [schemas, { getUser }] = await Promise.all([
        import('@aws-sdk/client-iam'),
        import('./get-user.ts'),
      ])
      return { schemas, operations: { GetUser: getUser } }
    },
  }
}
