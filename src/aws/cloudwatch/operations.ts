import type { Operation } from '../wire/service.ts'
import { describeAlarmHistory } from './alarm-history.ts'
import { listTagsForResource, tagResource, untagResource } from './alarm-tags.ts'
import {
  deleteAlarms,
  disableAlarmActions,
  enableAlarmActions,
  setAlarmState,
} from './change-alarms.ts'
import { describeAlarms, describeAlarmsForMetric } from './describe-alarms.ts'
import { getMetricData } from './get-metric-data.ts'
import { getMetricStatistics } from './get-metric-statistics.ts'
import { listMetrics } from './list-metrics.ts'
import type { CloudWatchPorts } from './ports.ts'
import { putMetricAlarm } from './put-metric-alarm.ts'
import { putMetricData } from './put-metric-data.ts'

export function cloudWatchOperations(ports: CloudWatchPorts): Readonly<Record<string, Operation>> {
  return {
    DeleteAlarms: deleteAlarms,
    DescribeAlarmHistory: describeAlarmHistory,
    DescribeAlarms: describeAlarms,
    DescribeAlarmsForMetric: describeAlarmsForMetric,
    DisableAlarmActions: disableAlarmActions,
    EnableAlarmActions: enableAlarmActions,
    GetMetricData: getMetricData(ports),
    GetMetricStatistics: getMetricStatistics(ports),
    ListMetrics: listMetrics(ports),
    ListTagsForResource: listTagsForResource,
    PutMetricAlarm: putMetricAlarm(ports),
    PutMetricData: putMetricData(ports),
    SetAlarmState: setAlarmState,
    TagResource: tagResource,
    UntagResource: untagResource,
  }
}
