/** The resources of all dialects as one snapshot: a pure function. */
import { elbKeys } from '../aws/elb/records.ts'
import { huaweiKeys } from '../huawei/elb/records.ts'
import type { ChallengeAnswer } from '../issuance/challenges.ts'
import type { HttpChallenge, Snapshot } from '../snapshot/snapshot.ts'
import { translateHuawei } from './huawei/translate.ts'
import { translateElb } from './translate-elb.ts'
import type { Part, TranslationOptions } from './translation.ts'
import type { OnUnusable, World } from './world.ts'

/** @param onUnusable is told of each load balancer whose record is not as it has to be: the snapshot is made of the others. */
export function translate(
  world: World,
  { cookieKeys, accountId, region }: TranslationOptions,
  onUnusable: OnUnusable,
): Snapshot {
  const shared = { cookieKeys, accountId, region, certificates: world.certificates }
  const attempt = (key: string, make: () => Part): Part[] => {
    try {
      return [make()]
    } catch (error) {
      onUnusable(key, error)
      return []
    }
  }
  const parts = [
    ...world.regions.flatMap((region) =>
      region.loadBalancers.flatMap((record) => {
        const key = elbKeys.loadBalancer(region.region, record.name)
        return attempt(key, () => translateElb(region, record, shared))
      }),
    ),
    ...world.projects.flatMap((project) =>
      project.loadBalancers.all().flatMap((record) => {
        const key = huaweiKeys.resource(project.id, 'loadbalancer', record.id)
        return attempt(key, () => translateHuawei(project, record, shared))
      }),
    ),
  ]
  return {
    revision: world.revision,
    system: world.system,
    nodes: parts.flatMap(({ nodes }) => nodes),
    pools: parts.flatMap(({ pools }) => pools),
    checks: onceById(parts.flatMap(({ checks }) => checks)),
    certificates: onceById(parts.flatMap(({ certificates }) => certificates)),
    challenges: world.challenges.flatMap(httpChallenge),
  }
}

/** Load balancers can have certificates in common, and with them Huawei Cloud's pools, which are checked once. */
function onceById<Each extends { readonly id: string }>(all: readonly Each[]): Each[] {
  return [...new Map(all.map((each) => [each.id, each])).values()]
}

function httpChallenge(answer: ChallengeAnswer): HttpChallenge[] {
  if (answer.kind !== 'http-01') return []
  const { token, keyAuthorization } = answer
  return [{ token, keyAuthorization }]
}
