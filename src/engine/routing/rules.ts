/** The rules of one listener, compiled. */
import type { AnswerAction, RoutingAction, RoutingRule } from '../../snapshot/routing.ts'
import type { Stickiness } from '../../snapshot/stickiness.ts'
import type { OwnAnswer } from '../http1/own-answers.ts'
import type { RequestHead } from '../http1/request-head.ts'
import { type Condition, type ConditionSurroundings, conditionOf } from './conditions.ts'
import { redirectAnswer, type Scheme } from './redirect.ts'
import type { Route } from './route.ts'
import { type RoutedClient, RoutedRequest } from './routed-request.ts'
import { type Share, sharedOut } from './shares.ts'

/** A request goes there, or is answered so. */
type Decision = Route | OwnAnswer

type Decide = (request: RoutedRequest) => Decision

interface Rule {
  readonly conditions: readonly Condition[]
  readonly decide: Decide
}

export interface RuleSurroundings extends ConditionSurroundings {
  readonly scheme: Scheme
  /** Where requests go that are for a pool. */
  route(pool: string, stickiness: Stickiness | undefined): Route
}

/** Requests are judged one at a time. */
const request = new RoutedRequest()

export class Rules {
  readonly #rules: readonly Rule[]

  constructor(specs: readonly RoutingRule[], surroundings: RuleSurroundings) {
    this.#rules = specs.map(({ conditions, action }) => ({
      conditions: conditions.map((condition) => conditionOf(condition, surroundings)),
      decide: decisionOf(action, surroundings),
    }))
  }

  /** What the first rule says that applies; null: none does. */
  find(head: RequestHead, client: RoutedClient): Decision | null {
    request.begin(head, client)
    for (const { conditions, decide } of this.#rules) {
      if (conditions.every((holds) => holds(request))) return decide(request)
    }
    return null
  }
}

function decisionOf(action: RoutingAction, surroundings: RuleSurroundings): Decide {
  switch (action.kind) {
    case 'forward':
      return sharedOut(
        action.pools.map(
          ({ pool, weight, stickiness }): Share => ({
            route: surroundings.route(pool, stickiness),
            weight,
          }),
        ),
      )
    case 'redirect':
      return (request) => redirectAnswer(action, request, surroundings.scheme)
    case 'answer': {
      const answer = fixedAnswer(action)
      return () => answer
    }
  }
}

function fixedAnswer({ status, contentType, body }: AnswerAction): OwnAnswer {
  return {
    status,
    type: contentType,
    body: Buffer.from(body, 'utf8').toString('latin1'),
    fields: '',
  }
}
