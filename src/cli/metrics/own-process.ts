import { collectDefaultMetrics, Registry } from 'prom-client'

/** Figures of this process itself: CPU, memory, event loop, garbage collection, descriptors. They are kept from one look to the next. */
export function ownProcess(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}
