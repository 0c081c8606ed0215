import { describe, expect, test } from 'vitest'
import { asked, at, plusFilter, quoted, tokenize, values, withFilter } from '../src/lib/query'

const shape = (query: string) =>
  tokenize(query)
    .filter((one) => one.kind !== 'space')
    .map((one) => [one.kind, one.key, one.value])

describe('tokens', () => {
  test.each([
    ['is:unresolved', [['filter', 'is', 'unresolved']]],
    ['  level:error  ', [['filter', 'level', 'error']]],
    ['!has:user', [['filter', 'has', 'user']]],
    ['timesSeen:>10', [['filter', 'timesSeen', '>10']]],
    ['lastSeen:-24h', [['filter', 'lastSeen', '-24h']]],
    ['release:"a b"', [['filter', 'release', '"a b"']]],
    ['level:[error, "a b"]', [['filter', 'level', '[error, "a b"]']]],
    ['tags[my key,number]:3', [['filter', 'my key', '3']]],
    ['"odd key":x', [['filter', 'odd key', 'x']]],
    [
      'boom happened',
      [
        ['free', '', ''],
        ['free', '', ''],
      ],
    ],
    ['https://x.io/a', [['free', '', '']]],
    [
      'a AND (b or c)',
      [
        ['free', '', ''],
        ['and', '', ''],
        ['open', '', ''],
        ['free', '', ''],
        ['or', '', ''],
        ['free', '', ''],
        ['close', '', ''],
      ],
    ],
    ['p95(span.duration):>1s', [['filter', 'p95(span.duration)', '>1s']]],
    ['user.email:a@b.c', [['filter', 'user.email', 'a@b.c']]],
    ['message:"say \\"hi\\" now"', [['filter', 'message', '"say \\"hi\\" now"']]],
  ])('%s', (query, expected) => {
    expect(shape(query)).toEqual(expected)
  })

  test.each(['', ' ', 'a:b  c', '((x', 'k:"open', '[', 'a:[b', ')', '!x:y z', '\\', '"', 'é:ü 🦆'])(
    'join to the text again: %j',
    (query) => {
      expect(
        tokenize(query)
          .map((one) => one.text)
          .join(''),
      ).toBe(query)
    },
  )

  test.each([
    ['level:', 'needs a value'],
    ['message:"a', 'quote'],
    ['level:[a', 'list'],
    ['(a', 'never closed'],
    ['a)', 'nothing is open'],
  ])('%s is refused: %s', (query, why) => {
    expect(
      tokenize(query)
        .map((one) => one.error ?? '')
        .join(),
    ).toContain(why)
  })
})

describe('edits', () => {
  test('a filter takes the place of others on its key', () => {
    expect(withFilter('is:unresolved level:error boom', 'level', 'a b')).toBe('is:unresolved boom level:"a b"')
    expect(withFilter('level:error', 'level', null)).toBe('')
  })
  test('a filter is added once', () => {
    expect(plusFilter(plusFilter('', 'a', 'b'), 'a', 'b')).toBe('a:b')
    expect(plusFilter('x', 'a', 'b c', true)).toBe('x !a:"b c"')
  })
  test.each([
    ['plain', 'plain'],
    ['a b', '"a b"'],
    ['a"b', '"a\\"b"'],
    ['', '""'],
    ['a:b', '"a:b"'],
  ])('%j is written %s', (value, written) => {
    expect(quoted(value)).toBe(written)
    expect(values(written)).toEqual([value])
  })
  test('lists give their members', () => {
    expect(values('[a, "b c",d]')).toEqual(['a', 'b c', 'd'])
    expect(asked('level:[error,info] !level:debug level:fatal', 'level')).toEqual(['error', 'info', 'fatal'])
  })
  test('the caret finds its token', () => {
    expect(at('is:new lev', 10)).toMatchObject({ prefix: 'lev', token: { text: 'lev' } })
    expect(at('is:new ', 7).token).toBeNull()
    expect(at('is:new', 3).prefix).toBe('is:')
  })
})
