/** What can be explored: rows of which dataset, what is shown of them first, what can be counted. */
import type { KnownKey } from '../suggest'

export type KindName = 'traces' | 'logs' | 'metrics' | 'errors'

export interface Kind {
  name: KindName
  /** as the API calls it */
  dataset: 'spans' | 'logs' | 'tracemetrics' | 'errors'
  period: string
  /** columns of samples */
  fields: readonly string[]
  /** what is asked for beside the columns, for links */
  also: readonly string[]
  yAxis: readonly string[]
  functions: readonly string[]
  /** fields that are numbers */
  numbers: readonly string[]
  /** fields whose commonest values make example searches */
  examples: readonly string[]
  keys: readonly KnownKey[]
}

const SHARED: readonly KnownKey[] = [
  { key: 'project', about: 'project' },
  { key: 'environment', about: 'where it ran' },
  { key: 'release', about: 'version' },
  { key: 'timestamp', about: 'when', values: ['-1h', '-24h', '-7d'] },
  { key: 'trace', about: 'trace id' },
  { key: 'user.id', about: 'user' },
  { key: 'user.email', about: 'user' },
  { key: 'has', about: 'has any value' },
]
const PERCENTILES = ['p50', 'p75', 'p90', 'p95', 'p99'] as const
const NUMBERS = ['avg', ...PERCENTILES, 'max', 'min', 'sum'] as const

const TRACES: Kind = {
  name: 'traces',
  dataset: 'spans',
  period: '24h',
  fields: ['id', 'span.op', 'span.description', 'span.duration', 'span.status', 'project', 'timestamp'],
  also: ['trace'],
  yAxis: ['count()'],
  functions: ['count', 'epm', 'failure_rate', 'failure_count', 'count_unique', ...NUMBERS],
  numbers: ['span.duration', 'span.self_time', 'gen_ai.usage.total_tokens', 'gen_ai.cost.total_tokens'],
  examples: ['transaction', 'span.op', 'span.status'],
  keys: [
    { key: 'span.op', about: 'kind of work: db.query, http.client' },
    { key: 'span.description', about: 'what it did' },
    { key: 'span.duration', about: 'how long it took', values: ['>50ms', '>100ms', '>500ms', '>1s'] },
    { key: 'span.self_time', about: 'duration less its children', values: ['>50ms', '>100ms', '>500ms', '>1s'] },
    { key: 'span.status', about: 'outcome', values: ['ok', 'internal_error', 'not_found', 'deadline_exceeded'] },
    {
      key: 'span.category',
      about: 'rough kind',
      values: ['db', 'http', 'cache', 'queue', 'ai', 'ui', 'resource', 'browser', 'template', 'function', 'other'],
    },
    { key: 'span.domain', about: 'tables, host, queue' },
    { key: 'span.action', about: 'SELECT, GET' },
    { key: 'span.system', about: 'postgresql, redis, openai' },
    { key: 'span.group', about: 'the same for spans that do the same' },
    { key: 'transaction', about: 'route, task or page' },
    { key: 'is_transaction', about: 'first span of a service', values: ['true', 'false'] },
    { key: 'http.status_code', about: 'answer' },
    { key: 'id', about: 'span id' },
    { key: 'platform', about: 'language' },
    ...SHARED,
  ],
}

const LOGS: Kind = {
  name: 'logs',
  dataset: 'logs',
  period: '24h',
  fields: ['timestamp', 'message', 'project'],
  also: ['severity', 'trace', 'span_id'],
  yAxis: ['count()'],
  functions: ['count', 'epm', 'count_unique', ...NUMBERS],
  numbers: ['severity_number'],
  examples: ['severity', 'server_name', 'message.template'],
  keys: [
    { key: 'severity', about: 'level', values: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] },
    { key: 'message', about: 'what was logged' },
    { key: 'message.template', about: 'the message without its values' },
    { key: 'server_name', about: 'host' },
    { key: 'span_id', about: 'span it was logged in' },
    { key: 'origin', about: 'what made it' },
    ...SHARED,
  ],
}

const METRICS: Kind = {
  name: 'metrics',
  dataset: 'tracemetrics',
  period: '24h',
  fields: ['timestamp', 'metric.name', 'value', 'project', 'trace'],
  also: ['metric.unit', 'span_id'],
  yAxis: [],
  functions: ['sum', 'per_second', 'per_minute', 'count', 'avg', ...PERCENTILES, 'max', 'min'],
  numbers: ['value'],
  examples: ['metric.name', 'environment', 'release'],
  keys: [
    { key: 'metric.name', about: 'name of the metric' },
    { key: 'metric.type', about: 'kind', values: ['counter', 'gauge', 'distribution'] },
    { key: 'metric.unit', about: 'unit' },
    { key: 'value', about: 'what was measured', values: ['>0', '>100', '>1000'] },
    { key: 'server_name', about: 'host' },
    ...SHARED,
  ],
}

const ERRORS: Kind = {
  name: 'errors',
  dataset: 'errors',
  period: '14d',
  fields: ['title', 'issue', 'level', 'project', 'release', 'user.display', 'timestamp'],
  also: ['id'],
  yAxis: ['count()'],
  functions: ['count', 'epm', 'count_unique'],
  numbers: [],
  examples: ['error.type', 'level', 'transaction'],
  keys: [
    { key: 'level', about: 'severity', values: ['fatal', 'error', 'warning', 'info', 'debug'] },
    { key: 'issue', about: 'short id' },
    { key: 'title', about: 'headline' },
    { key: 'message', about: 'text' },
    { key: 'error.type', about: 'exception class' },
    { key: 'error.value', about: 'exception text' },
    { key: 'error.handled', about: 'caught by the program', values: ['true', 'false'] },
    { key: 'stack.function', about: 'function in any frame' },
    { key: 'stack.filename', about: 'file in any frame' },
    { key: 'culprit', about: 'place in the code' },
    { key: 'transaction', about: 'route or task' },
    { key: 'http.url', about: 'request' },
    { key: 'http.method', about: 'request', values: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] },
    { key: 'browser.name', about: 'browser' },
    { key: 'os.name', about: 'operating system' },
    { key: 'server_name', about: 'host' },
    { key: 'platform', about: 'language' },
    { key: 'logger', about: 'logger name' },
    ...SHARED,
  ],
}

export const KINDS: Record<KindName, Kind> = { traces: TRACES, logs: LOGS, metrics: METRICS, errors: ERRORS }

/** The kind of that name; null for an unknown one. */
export function kindOf(name: string): Kind | null {
  return Object.hasOwn(KINDS, name) ? KINDS[name as KindName] : null
}
