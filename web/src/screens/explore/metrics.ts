/** Metrics as the API names them. */
export interface MetricName {
  name: string
  type: string
  /** `none` where values have none */
  unit: string
  count: number
  firstSeen: string
  lastSeen: string
}
