/** Texts of what a trace shows beside its waterfall. */
export const s = {
  // a span
  span: 'Span',
  spanGone: 'This span is not here',
  duration: 'Duration',
  self: 'Self time',
  share: 'Of the trace',
  status: 'Status',
  start: 'Start',
  project: 'Project',
  transaction: 'Transaction',
  usual: 'Usually',
  usualText: (median: string, p95: string, n: string) => `${median}, 95 % within ${p95} (${n} like it in 7 days)`,
  slower: (factor: string) => `${factor}× as long as usual`,
  description: 'Description',
  attributes: 'Attributes',
  findAttribute: 'Find an attribute',
  issues: 'Issues on this span',
  links: 'Links',
  // tabs
  errors: 'Errors',
  noErrors: 'No errors in this trace',
  logs: 'Logs',
  noLogs: 'No logs carry this trace id',
  noAttributes: 'The spans of this trace have no attributes',
  columns: { time: 'Time', level: 'Level', message: 'Message', issue: 'Issue', project: 'Project' },
} as const
