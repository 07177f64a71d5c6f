/** Where whole files are delivered to, by the names that S3 has for them. The one way out for access logs. */
export interface Buckets {
  /**
   * Delivers a file: who looks into the bucket sees all of it or nothing. An object that is there is replaced. The file is gone afterwards.
   * @throws Error when it could not be delivered: the file is still there
   */
  put(bucket: string, key: string, file: string): Promise<void>
  /** Writes an object of text, as a whole. */
  writeText(bucket: string, key: string, text: string): Promise<void>
}
