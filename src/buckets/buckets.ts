/** Where whole files are delivered to, by the names that S3 has for them: the one way out for access logs and trails. */
export interface Buckets {
  /**
   * Delivers a file: who looks into the bucket sees all of it or nothing. An object that is there is replaced. The file is gone afterwards.
   * @throws Error when it could not be delivered, a {@link BucketError} when the bucket is why: the file is still there
   */
  put(delivery: Delivery, file: string): Promise<void>
  /** As {@link Buckets.put}, of what is at hand. */
  write(delivery: Delivery, content: string | Uint8Array): Promise<void>
}

export interface Delivery {
  readonly bucket: string
  readonly key: string
  readonly sender: Sender
}

/** Who delivers: a service on behalf of a resource. Bucket policies decide on it. */
export interface Sender {
  readonly service: 'elasticloadbalancing' | 'cloudtrail'
  readonly region: string
  /** The resource's owner. */
  readonly account: string
  /** The resource's ARN. */
  readonly sourceArn: string
}

/** A load balancer that delivers its access logs. */
export function loadBalancing(region: string, account: string, name: string): Sender {
  const sourceArn = `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${name}`
  return { service: 'elasticloadbalancing', region, account, sourceArn }
}
