import type { GetUserRequest, GetUserResponse, User } from '@aws-sdk/client-iam'
import { atomically } from '../../store/transaction.ts'
import type { Call, Operation } from '../wire/service.ts'
import { noSuchUser } from './errors.ts'

interface AccountRecord {
  /** ISO 8601. */
  readonly createdTime: string
}

const accountKey = 'iam/account'

/** @throws ApiError `NoSuchEntity` for any user's name: there is only the root user, who has none. */
export const getUser: Operation<GetUserRequest, GetUserResponse> = async ({ UserName }, call) => {
  if (UserName !== undefined) throw noSuchUser(UserName)
  const { createdTime } = await account(call)
  // AWS describes the root user without name and path, which the model has as required.
  const root: Pick<User, 'UserId' | 'Arn' | 'CreateDate'> = {
    UserId: call.accountId,
    Arn: `arn:aws:iam::${call.accountId}:root`,
    CreateDate: new Date(createdTime),
  }
  return { User: root as User }
}

/** The account begins when it is first asked for. */
async function account({ store, clock }: Call): Promise<AccountRecord> {
  return atomically(store, async (tx) => {
    const existing = await tx.get<AccountRecord>(accountKey)
    if (existing !== undefined) return existing
    const created: AccountRecord = { createdTime: new Date(clock.now()).toISOString() }
    tx.put(accountKey, created)
    return created
  })
}
