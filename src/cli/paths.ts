import { join } from 'node:path'
import type { BucketFolders } from '../buckets/bucket-records.ts'
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

/** The buckets, as folders, and what is known of them beside. */
export function bucketFolders(settings: Settings): BucketFolders {
  return { objects: join(settings.data, 'buckets'), notes: join(settings.data, 's3') }
}

/** Where `weir doctor` asks the control process of the same machine. */
export function doctorSocketPath(settings: Settings): string {
  return join(settings.data, 'doctor.sock')
}
