/** Where access logs can go to: what Huawei Cloud's Log Tank Service has. */
export interface LogGroups {
  /**
   * Writes into the log stream, as the load balancer will.
   * @throws HuaweiError ELB.8904 when there is no such log group, ELB.8902 when it takes nothing, ELB.8906 (503) when
   * it cannot be reached now
   */
  check(stream: LogStream): Promise<void>
}

export interface LogStream {
  readonly group: string
  readonly topic: string
  /** Id of the load balancer. */
  readonly loadBalancer: string
}
