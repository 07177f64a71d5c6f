import { join } from 'node:path'
import type { Settings } from '../settings/settings.ts'

/** Where control and the proxies of the same machine meet. */
export function controlSocketPath(settings: Settings): string {
  return join(settings.data, 'control.sock')
}

export function storePath(settings: Settings): string {
  return join(settings.data, 'weir.db')
}

export function metricStorePath(settings: Settings): string {
  return join(settings.data, 'metrics.db')
}

/** The history of API calls. */
export function eventHistoryPath(settings: Settings): string {
  return join(settings.data, 'events.db')
}

/** A folder a bucket: where access logs are delivered to. */
export function bucketsPath(settings: Settings): string {
  return join(settings.data, 'buckets')
}

/** Where `weir doctor` asks the control process of the same machine. */
export function doctorSocketPath(settings: Settings): string {
  return join(settings.data, 'doctor.sock')
}
