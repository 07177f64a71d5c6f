/** How long, and how often, a target is tried for a client. */

/** Milliseconds that a connection to a target may take to stand, unless its pool says otherwise: 10 s, as AWS's load balancers allow. */
export const usualConnectTimeout = 10_000
/** Milliseconds for which a target that could not be connected to comes after the others (nginx's fail_timeout). */
export const avoidance = 10_000
/** How many connections may wait at one target for their next request, in one engine: what a burst leaves behind is closed. */
export const maxIdle = 1024
/** How many targets are tried before the client is turned away (HAProxy's default: three retries). */
export const maxAttempts = 4
