import { describe, expect, it } from 'vitest'
import { both, explorePath, groupsPath, seriesPath, summaryPath, where } from '../src/lib/insights/ask'
import { messagesOf, stepsOf, sumsOf } from '../src/lib/insights/conversation'
import { axesOf, barsOf, edgesOf, placeAmong } from '../src/lib/insights/histogram'
import { bandOf, scoreBand, sharesOf, vitalText } from '../src/lib/insights/vitals'
import { dollars, linesOf, pricesOf } from '../src/lib/prices'
import { formatSql, isSql } from '../src/lib/sql'

const search = (path: string) => new URLSearchParams(path.split('?')[1])
const ASK = { query: 'span.op:db', yAxis: ['sum(span.duration)', 'count()'], groupBy: ['transaction'] }

describe('questions', () => {
  it('ask for groups, the biggest first, in the time of the page', () => {
    const asked = search(groupsPath('acme', ASK, new URLSearchParams('project=3&statsPeriod=7d')))
    expect(asked.getAll('field')).toEqual(['transaction', 'sum(span.duration)', 'count()'])
    expect(asked.get('sort')).toBe('-sum(span.duration)')
    expect([asked.get('dataset'), asked.get('project'), asked.get('statsPeriod')]).toEqual(['spans', '3', '7d'])
  })

  it('tell the biggest groups of a series apart, and no groups where none are asked for', () => {
    expect(search(seriesPath('acme', ASK, new URLSearchParams())).get('topEvents')).toBe('10')
    const plain = search(seriesPath('acme', { ...ASK, groupBy: [] }, new URLSearchParams()))
    expect([plain.get('topEvents'), plain.getAll('yAxis').length]).toEqual([null, 2])
  })

  it('open in Explore with the same search, functions and time', () => {
    const opened = search(explorePath('acme', ASK, new URLSearchParams('statsPeriod=7d')))
    expect(opened.get('query')).toBe('span.op:db')
    expect(opened.getAll('yAxis')).toEqual(ASK.yAxis)
    expect([opened.get('groupBy'), opened.get('mode'), opened.get('statsPeriod')]).toEqual([
      'transaction',
      'aggregate',
      '7d',
    ])
  })

  it('keep an OR to itself when searches are joined', () => {
    expect(both('span.category:db', 'release:1 OR release:2')).toBe('span.category:db (release:1 OR release:2)')
    expect(both('', ' release:1 ')).toBe('release:1')
  })

  it('find the very value, not what a star in it could mean', () => {
    expect(where({ transaction: 'GET /a/*' })).toBe('transaction:"GET /a/\\*"')
    expect(where({ 'span.domain': '' })).toBe('!has:span.domain')
  })

  it('take the time along to a transaction, and drop the search of the page', () => {
    const path = summaryPath('acme', 'GET /', 'web', new URLSearchParams('statsPeriod=1h&query=x&project=9'))
    expect(Object.fromEntries(search(path))).toEqual({ transaction: 'GET /', project: 'web', statsPeriod: '1h' })
  })
})

describe('web vitals', () => {
  it('are good up to the first threshold and poor beyond the second', () => {
    expect([bandOf('lcp', 2500), bandOf('lcp', 2501), bandOf('lcp', 4001)]).toEqual(['good', 'meh', 'poor'])
    expect([bandOf('cls', 0.1), bandOf('cls', 0.26)]).toEqual(['good', 'poor'])
    expect([scoreBand(0.9), scoreBand(0.5), scoreBand(0.49)]).toEqual(['good', 'meh', 'poor'])
  })

  it('read as times, but for the shift', () => {
    expect([vitalText('lcp', 2500), vitalText('cls', 0.123), vitalText('inp', 0)]).toEqual(['2.50 s', '0.12', '0 ms'])
  })

  it('have no shares where nothing was measured', () => {
    expect(sharesOf([0, 0, 0])).toBeNull()
    expect(sharesOf([3, 1, 0])).toEqual([0.75, 0.25, 0])
  })
})

describe('SQL', () => {
  it('breaks where clauses, joins and conditions begin', () => {
    expect(
      formatSql('SELECT a, b FROM t LEFT JOIN u ON t.id = u.id WHERE a = %s AND b IN (%s) ORDER BY a LIMIT %s'),
    ).toBe(
      [
        'SELECT a, b',
        'FROM t',
        'LEFT JOIN u ON t.id = u.id',
        'WHERE a = %s',
        '  AND b IN (%s)',
        'ORDER BY a',
        'LIMIT %s',
      ].join('\n'),
    )
  })

  it('goes in where a query stands in brackets, and leaves functions in a line', () => {
    expect(formatSql('SELECT EXTRACT(year FROM d) FROM (SELECT d FROM t) x')).toBe(
      ['SELECT EXTRACT(year FROM d)', 'FROM (', '  SELECT d', '  FROM t', ') x'].join('\n'),
    )
  })

  it('keeps BETWEEN together, and words in quotes as they are', () => {
    expect(formatSql(`SELECT 'FROM  x' FROM t WHERE a BETWEEN 1 AND 2 OR b = "WHERE"`)).toBe(
      [`SELECT 'FROM  x'`, 'FROM t', 'WHERE a BETWEEN 1 AND 2', '  OR b = "WHERE"'].join('\n'),
    )
  })

  it('ends on text that is no SQL', () => {
    expect(formatSql(")))'(((")).toBe(")))'(((")
    expect([isSql('select 1'), isSql('GET user:%s')]).toEqual([true, false])
  })
})

describe('durations of a transaction', () => {
  it('are counted in bars of a round width, as many as one question can ask for', () => {
    const edges = edgesOf(412)
    expect([edges[0], edges.at(-1), edges.length]).toEqual([25, 475, 19])
    expect(axesOf(edges)).toHaveLength(20)
    expect(edgesOf(0).every((edge) => edge > 0)).toBe(true)
  })

  it('lie between two edges, the longest beyond the last', () => {
    const row = {
      'count_if(span.duration,lessOrEquals,10)': 4,
      'count_if(span.duration,lessOrEquals,20)': 6,
      'count()': 7,
    }
    expect(barsOf(row, [10, 20])).toEqual([
      { from: 0, to: 10, count: 4 },
      { from: 10, to: 20, count: 2 },
      { from: 20, to: Infinity, count: 1 },
    ])
    expect(barsOf({ ...row, 'count()': 6 }, [10, 20])).toHaveLength(2)
    expect(barsOf(undefined, [10, 20])).toEqual([])
  })

  it('have percentiles among the bars', () => {
    const bars = barsOf({ 'count_if(span.duration,lessOrEquals,10)': 4, 'count()': 7 }, [10])
    expect([placeAmong(bars, 5), placeAmong(bars, 21), placeAmong([], 1)]).toEqual([0.25, null, null])
  })
})

describe('messages', () => {
  it.each([
    ['a list of texts', '["Hi","there"]', ['Hi', 'there']],
    ['a bare text', 'Hi', ['Hi']],
    ['text that only looks like JSON', '[Filtered]', ['[Filtered]']],
    ['contents', '[{"role":"user","content":"Hi"}]', ['Hi']],
    [
      'contents in parts',
      '[{"role":"user","content":[{"type":"text","text":"Hi"},{"type":"image_url"}]}]',
      ['Hi\n[image_url]'],
    ],
    ['parts', '[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]', ['Hi']],
    ['nothing', '', []],
  ])('are read from %s', (_, source, texts) => {
    expect(messagesOf(source, 'user').map((one) => one.text)).toEqual(texts)
  })

  it.each([
    ['OpenTelemetry', { parts: [{ type: 'tool_call', name: 'find', arguments: { id: 1 } }] }],
    ['OpenAI', { content: null, tool_calls: [{ function: { name: 'find', arguments: '{"id":1}' } }] }],
    ['Anthropic', { content: [{ type: 'tool_use', name: 'find', input: { id: 1 } }] }],
  ])('ask for tools as %s writes it', (_, message) => {
    const [said] = messagesOf(JSON.stringify([{ role: 'assistant', ...message }]), 'assistant')
    expect(said).toEqual({ role: 'assistant', text: '', calls: [{ name: 'find', input: '{\n "id": 1\n}' }] })
  })

  it('that hold a result are a tool talking', () => {
    const source = '[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text","text":"12"}]}]}]'
    expect(messagesOf(source, 'user')).toEqual([{ role: 'tool', text: '12', calls: [] }])
  })
})

describe('conversations', () => {
  const user = { role: 'user', content: 'Where is my order?' }
  const first = {
    id: 'a1',
    'gen_ai.operation.type': 'ai_client',
    'gen_ai.request.model': 'm-1',
    'gen_ai.input.messages': JSON.stringify([user]),
    'gen_ai.response.text': 'I look it up.',
    'gen_ai.usage.input_tokens': 10,
    'gen_ai.usage.output_tokens': 5,
    'gen_ai.cost.total_tokens': 0.01,
    'span.status': 'ok',
  }
  const tool = {
    id: 'a2',
    'gen_ai.operation.type': 'tool',
    'gen_ai.tool.name': 'find_order',
    'gen_ai.tool.input': '{"id":7}',
    'gen_ai.tool.output': 'sent',
    'span.status': 'internal_error',
  }
  const second = {
    ...first,
    id: 'a3',
    'gen_ai.input.messages': JSON.stringify([
      user,
      { role: 'assistant', content: 'I look it up.' },
      { role: 'user', content: 'Well?' },
    ]),
    'gen_ai.response.text': 'It is on its way.',
  }
  const agent = { ...second, id: 'a0', 'gen_ai.operation.type': 'agent', 'gen_ai.agent.name': 'helper' }

  it('show each message once, though every call is told all of them again', () => {
    const steps = stepsOf([first, second])
    expect(steps.map((step) => step.said.map((said) => said.text))).toEqual([
      ['Where is my order?', 'I look it up.'],
      ['Well?', 'It is on its way.'],
    ])
  })

  it('have tools in line, with what went in and came out', () => {
    const [, step] = stepsOf([first, tool, second])
    expect(step).toMatchObject({ kind: 'tool', name: 'find_order', isFailed: true })
    expect(step?.said.map((said) => [said.role, said.calls.length])).toEqual([
      ['assistant', 1],
      ['tool', 0],
    ])
  })

  it('leave out agents, whose calls say the same, unless there is nothing else', () => {
    expect(stepsOf([agent, first]).map((step) => step.kind)).toEqual(['call'])
    expect(stepsOf([agent]).map((step) => step.name)).toEqual(['helper'])
  })

  it('count tokens and cost of calls only', () => {
    const priced = { ...tool, 'gen_ai.usage.input_tokens': 99 }
    expect(sumsOf(stepsOf([first, priced, second]))).toEqual({ calls: 2, tools: 1, tokens: 30, cost: 0.02 })
    expect(sumsOf([]).cost).toBeNull()
  })
})

describe('prices of models', () => {
  const price = { input: 1.25, output: 10, cachedInput: null }

  it('come back from the form as they went in', () => {
    const prices = { 'b-*': { ...price, cachedInput: 0.1 }, a: price }
    expect(linesOf(prices).map((line) => line.model)).toEqual(['a', 'b-*'])
    expect(pricesOf(linesOf(prices))).toEqual(prices)
  })

  it('leave out lines without a model, and take no word for nothing', () => {
    expect(pricesOf([{ model: ' ', input: 1, cachedInput: '', output: 1 }])).toEqual({})
    expect(pricesOf([{ model: 'a', input: '', cachedInput: ' ', output: 2 }])).toEqual({
      a: { input: 0, output: 2, cachedInput: null },
    })
  })

  it('read as dollars', () => {
    expect([10, 0.4, 0.075, 0].map(dollars)).toEqual(['$10.00', '$0.40', '$0.075', '$0.00'])
  })
})
