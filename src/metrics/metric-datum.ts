/** Name and value tell series of one metric apart: `LoadBalancerName`, `my-loadbalancer`. */
export interface Dimension {
  readonly name: string
  readonly value: string
}

/** One metric with one set of dimensions, in one unit: what points belong to. */
export interface SeriesName {
  readonly region: string
  /** `AWS/ELB`. */
  readonly namespace: string
  readonly name: string
  /** In any order. */
  readonly dimensions: readonly Dimension[]
  /** `Seconds`, `Count`, … or `None`. */
  readonly unit: string
}

/** What a number of samples come to. */
export interface Statistics {
  /** How many samples; above 0. */
  readonly count: number
  readonly sum: number
  readonly minimum: number
  readonly maximum: number
}

/** Samples of one minute. */
export interface MetricDatum extends SeriesName, Statistics {
  /** Milliseconds since the epoch: the start of the minute. */
  readonly minute: number
  /**
   * {@link Histogram.serialise} of the samples. Absent when all are equal; also when nobody knows how they lie between minimum and
   * maximum: then the minute has no percentiles.
   */
  readonly sketch?: Uint8Array
}

/** What a source has measured since its batch before. */
export interface MetricBatch {
  /** Names who measured, and never another: numbers are counted by source. */
  readonly source: string
  /** Grows from batch to batch. */
  readonly sequence: number
  readonly data: readonly MetricDatum[]
}
