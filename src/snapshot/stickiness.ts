/** How a client's requests are kept with one target, for as long as that takes traffic. */
export type Stickiness = LbCookieStickiness | AppCookieStickiness

interface CookieStickiness {
  /** Secret, base64: who has it can make cookies. One load balancer's own; cookies are good as long as it stays. */
  readonly key: string
  /** The load balancer's cookie; requests from other sites get another one besides, called so with `CORS` behind. Absent: `AWSELB`. */
  readonly name?: string
}

/** A cookie of the load balancer's own. */
export interface LbCookieStickiness extends CookieStickiness {
  readonly kind: 'lb-cookie'
  /** How long clients keep the cookie; null: as long as the browser runs. */
  readonly lifetime: number | null
}

/** A cookie beside one that the application sets, with the attributes and the life of that. */
export interface AppCookieStickiness extends CookieStickiness {
  readonly kind: 'app-cookie'
  /** The name of the application's cookie. */
  readonly cookie: string
}
