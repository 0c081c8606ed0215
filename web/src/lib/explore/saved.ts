/** Queries of Explore under a name: what is kept of a page's URL, and the URL made of it again. */
import type { Kind } from './kinds'

interface Part {
  query?: string | null
  fields?: string[] | null
  orderby?: string | null
  mode?: string | null
  aggregateField?: ({ groupBy: string } | { yAxes: string[] })[] | null
  /** of metrics: `name,type,unit` */
  metric?: string | null
  /** ours: whether the period before is drawn, too */
  compare?: boolean | null
}

export interface SavedQuery {
  id: string
  name: string
  dataset: string
  starred: boolean
  visibility: 'owner' | 'organization'
  projects?: number[]
  environment?: string[]
  range?: string | null
  start?: string | null
  end?: string | null
  query: Part[]
}

/** The body that saves a page as it stands, without what is asked of the person who saves it. */
export function savedBody(kind: Kind, params: URLSearchParams): object {
  const yAxes = params.getAll('yAxis')
  const aggregateField = [
    ...params.getAll('groupBy').map((groupBy) => ({ groupBy })),
    ...(yAxes.length ? [{ yAxes }] : []),
  ]
  const part: Part = {
    query: params.get('query') ?? '',
    fields: params.getAll('field'),
    orderby: params.get('sort') ?? '',
    mode: params.get('mode') ?? 'samples',
    aggregateField,
    ...(params.has('metric') ? { metric: params.get('metric') } : {}),
    ...(params.get('compare') === '1' ? { compare: true } : {}),
  }
  return {
    dataset: kind.dataset,
    projects: params.getAll('project').map(Number).filter(Number.isInteger),
    environment: params.getAll('environment'),
    range: params.get('statsPeriod'),
    start: params.get('start'),
    end: params.get('end'),
    query: [part],
  }
}

/** The parameters of the page that was saved, in order of their names. */
export function savedParams(saved: SavedQuery): URLSearchParams {
  const params = new URLSearchParams()
  const [part] = saved.query
  const put = (key: string, value: string | null | undefined) => value && params.append(key, value)
  put('query', part?.query)
  put('sort', part?.orderby)
  put('metric', part?.metric)
  if (part?.compare) put('compare', '1')
  if (part?.mode !== 'samples') put('mode', part?.mode)
  for (const field of part?.fields ?? []) put('field', field)
  for (const one of part?.aggregateField ?? []) {
    if ('groupBy' in one) put('groupBy', one.groupBy)
    else for (const axis of one.yAxes) put('yAxis', axis)
  }
  for (const id of saved.projects ?? []) put('project', String(id))
  for (const name of saved.environment ?? []) params.append('environment', name)
  if (saved.start && saved.end) {
    put('start', saved.start)
    put('end', saved.end)
  } else put('statsPeriod', saved.range)
  params.sort()
  return params
}
