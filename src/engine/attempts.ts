/** How long, and how often, a target is tried for a client. */

/** Milliseconds that a connection to a target may take to stand: 10 s, as AWS's load balancers allow. */
export const connectTimeout = 10_000
/** How many targets are tried before the client is turned away (HAProxy's default: three retries). */
export const maxAttempts = 4
