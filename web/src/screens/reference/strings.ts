/** Texts of the API reference. */
export const s = {
  title: 'API reference',
  find: 'Find an operation',
  none: 'No operation is called that',
  about:
    'Every path is below this server’s address. Send a token as Authorization: Bearer TOKEN; make one under API tokens.',
  tokens: 'API tokens',
  document: 'OpenAPI document',
  needs: 'Needs one of',
  open: 'public',
  needWords: {
    public: 'nothing',
    known: 'any token',
    person: 'a token of a person',
    session: 'a signed-in browser',
    own: 'or the scope in own teams',
    dsn: 'or a DSN',
  } as Record<string, string>,
  parameters: 'Parameters',
  parameterColumns: ['Name', 'In', 'Type', 'Meaning'],
  body: 'Body',
  answers: 'Answers',
  example: 'Example',
  required: 'required',
  count: (n: number) => `${n} operations`,
} as const
