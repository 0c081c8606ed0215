import { describe, expect, test } from 'vitest'
import { exampleCurl, groupsOf, outline, search, spaced, type Document, type Operation } from '../src/lib/openapi'

const document: Document = {
  info: { title: 'x', version: '1' },
  paths: {
    '/api/0/projects/{org}/{proj}/keys/': {
      get: { summary: 'ListKeys', tags: ['keys'], 'x-needs': ['project:read'] },
      post: {
        summary: 'Create',
        description: 'A new key.',
        tags: ['keys'],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/NewKey' } } } },
      },
    },
    '/api/0/': { get: { summary: 'ReadRoot', tags: ['root'] } },
  },
  components: {
    schemas: {
      NewKey: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string' },
          rate: { oneOf: [{ type: 'null' }, { $ref: '#/components/schemas/Rate' }] },
        },
      },
      Rate: { type: 'object', required: ['count'], properties: { count: { type: 'integer' } } },
      Node: {
        type: 'object',
        required: ['children'],
        properties: { children: { type: 'array', items: { $ref: '#/components/schemas/Node' } } },
      },
    },
  },
}

describe('operations', () => {
  const groups = groupsOf(document)
  test('are grouped by tag and keep their order', () => {
    expect(groups.map((group) => [group.name, group.operations.map((one) => one.method)])).toEqual([
      ['keys', ['GET', 'POST']],
      ['root', ['GET']],
    ])
  })
  test('are found by words of path and description', () => {
    expect(search(groups, 'new key').flatMap((group) => group.operations.map((one) => one.method))).toEqual(['POST'])
    expect(search(groups, 'nothing')).toEqual([])
  })
  test('come with a line for the shell', () => {
    const line = exampleCurl(groups[0]?.operations[1] as Operation, 'https://h')
    expect(line).toContain("-X POST 'https://h/api/0/projects/ORG/PROJ/keys/'")
    expect(line).toContain("-d '{}'")
  })
})

describe('a schema', () => {
  test('is outlined with what may be missing', () => {
    expect(outline({ $ref: '#/components/schemas/NewKey' }, document)).toBe(
      '{\n  name: string\n  rate?: null | {\n    count: integer\n  }\n}',
    )
  })
  test('that holds itself ends at its name', () => {
    expect(outline({ $ref: '#/components/schemas/Node' }, document)).toBe('{\n  children: Node[]\n}')
  })
  test('of choices in a list is bracketed', () => {
    expect(outline({ items: { enum: ['a', 'b'] } }, document)).toBe('("a" | "b")[]')
  })
  test('without anything is any', () => expect(outline({}, document)).toBe('any'))
})

test('names of handlers read as sentences', () => expect(spaced('ListKeysOfProject')).toBe('List keys of project'))
