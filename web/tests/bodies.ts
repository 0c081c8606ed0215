/** Small events in the shapes of the API, for tests. */
import type { EventDetail, ExceptionValue, Frame, Issue } from '../src/lib/types'

export function frame(parts: Partial<Frame> = {}): Frame {
  return {
    filename: null,
    absPath: null,
    module: null,
    package: null,
    platform: null,
    function: null,
    rawFunction: null,
    lineNo: null,
    colNo: null,
    context: null,
    inApp: false,
    vars: null,
    instructionAddr: null,
    ...parts,
  }
}

export function exception(parts: Partial<ExceptionValue> = {}): ExceptionValue {
  return {
    type: 'E',
    value: 'v',
    module: null,
    threadId: null,
    mechanism: null,
    stacktrace: null,
    rawStacktrace: null,
    ...parts,
  }
}

export function event(parts: Partial<EventDetail> = {}): EventDetail {
  return {
    id: 'a'.repeat(32),
    eventID: 'a'.repeat(32),
    groupID: '1',
    title: 't',
    message: null,
    culprit: null,
    user: null,
    tags: [],
    platform: 'python',
    dateCreated: '2026-11-21T12:00:00Z',
    type: 'error',
    dist: null,
    release: null,
    dateReceived: null,
    entries: [],
    contexts: {},
    context: null,
    packages: null,
    sdk: null,
    errors: [],
    _meta: null,
    fingerprints: [],
    nextEventID: null,
    previousEventID: null,
    ...parts,
  }
}

export function issue(parts: Partial<Issue> = {}): Issue {
  return {
    id: '1',
    shortId: 'SHOP-1',
    title: 'ValueError: bad',
    culprit: 'app in f',
    permalink: 'https://h/1/',
    logger: null,
    level: 'error',
    status: 'unresolved',
    statusDetails: {},
    substatus: 'new',
    platform: 'python',
    project: { id: '7', name: 'Shop', slug: 'shop' },
    issueType: 'error',
    issueCategory: 'error',
    priority: 'high',
    metadata: { type: 'ValueError', value: 'bad\nmore' },
    numComments: 0,
    assignedTo: null,
    isBookmarked: false,
    isSubscribed: false,
    hasSeen: true,
    count: '42',
    userCount: 7,
    firstSeen: '2026-11-01T10:00:00Z',
    lastSeen: '2026-11-20T10:00:00Z',
    ...parts,
  }
}
