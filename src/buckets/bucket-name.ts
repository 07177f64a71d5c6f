/** Amazon S3 User Guide, "General purpose bucket naming rules". */
export function isBucketName(name: string): boolean {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) return false
  return !name.includes('..') && !/^\d{1,3}(\.\d{1,3}){3}$/.test(name)
}
