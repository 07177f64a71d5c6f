/** Which kind of event a call is, by its service and name. */

export function isReadOnly(operation: string): boolean {
  return /^(Describe|Get|Head|List|Lookup)/.test(operation)
}

/** Calls that move data and change nothing that is managed. They are many, and CloudTrail leaves them out unless it is told otherwise. */
const dataEvents: Readonly<Record<string, RegExp>> = {
  monitoring:
    /^(GetMetricData|GetMetricStatistics|GetMetricWidgetImage|ListMetrics|PutMetricData)$/,
  s3: /Object(?!Lock)|Multipart|^UploadPart|^ListParts$|^HeadBucket$/,
  sns: /^Publish(Batch)?$/,
}

export function isDataEvent(service: string, operation: string): boolean {
  return dataEvents[service]?.test(operation) ?? false
}
