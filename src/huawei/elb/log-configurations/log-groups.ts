/** Where access logs can go to: what Huawei Cloud's Log Tank Service has. */
export interface LogGroups {
  /**
   * Writes into the log stream, as the load balancer will.
   * @throws HuaweiError ELB.8904 when there is no such log group, ELB.8902 when it cannot be written to
   */
  check(stream: LogStream): Promise<void>
}

export interface LogStream {
  readonly group: string
  readonly topic: string
  /** Id of the load balancer. */
  readonly loadBalancer: string
}
