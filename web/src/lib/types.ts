/** Shapes of the API as the pages read them; keys as on the wire. */

export type Level = 'fatal' | 'error' | 'warning' | 'info' | 'debug' | 'sample'
export type Priority = 'high' | 'medium' | 'low'

export interface User {
  id: string
  name: string
  email: string
  username?: string
  isSuperuser?: boolean
  options?: { theme?: string; timezone?: string; clock24h?: boolean }
}
export interface Organization {
  id: string
  slug: string
  name: string
  role?: string
  access?: string[]
}
export interface Team {
  id: string
  slug: string
  name: string
  isMember?: boolean
  memberCount?: number
}
export interface Project {
  id: string
  slug: string
  name: string
  platform: string | null
  firstEvent?: string | null
  environments?: string[]
  isBookmarked?: boolean
  isMember?: boolean
  access?: string[]
  teams?: Team[]
  latestRelease?: { version: string } | null
  dateCreated?: string
}
export interface ClientKey {
  id: string
  name: string
  public: string
  secret: string
  isActive: boolean
  rateLimit: { window: number; count: number } | null
  dsn: Record<string, string>
  dateCreated: string
}
export interface Actor {
  type: 'user' | 'team'
  id: string
  name: string
  email?: string
}
export interface Member {
  id: string
  email: string
  name: string
  user: User | null
  role: string
  pending: boolean
}
export interface StatusDetails {
  inNextRelease?: boolean
  inRelease?: string
  inCommit?: { id?: string; commit?: string; repository?: unknown }
  ignoreCount?: number
  ignoreUntil?: string
  ignoreUserCount?: number
  ignoreWindow?: number
  ignoreUserWindow?: number
  autoResolved?: boolean
  actor?: User
}
export type Series = [number, number][]
export interface IssueWindow {
  count: string
  userCount: number
  firstSeen: string
  lastSeen: string
}
export interface Issue extends IssueWindow {
  id: string
  shortId: string
  title: string
  culprit: string | null
  permalink: string
  logger: string | null
  level: Level
  status: 'resolved' | 'unresolved' | 'ignored'
  statusDetails: StatusDetails
  substatus: string | null
  platform: string | null
  project: { id: string; name: string; slug: string; platform?: string | null }
  issueType: string
  issueCategory: string
  priority: Priority | null
  metadata: { type?: string; value?: string; title?: string; filename?: string; function?: string }
  numComments: number
  assignedTo: Actor | null
  isBookmarked: boolean
  isSubscribed: boolean
  isPublic?: boolean
  shareId?: string | null
  hasSeen: boolean
  isUnhandled?: boolean
  stats?: Record<string, Series>
  lifetime?: IssueWindow | null
  filtered?: IssueWindow | null
  latestEventHasAttachments?: boolean
}
export interface Activity {
  id: string
  type: string
  user: User | null
  data: Record<string, unknown>
  dateCreated: string
}
export interface TagSummary {
  key: string
  name: string
  totalValues: number
  uniqueValues?: number
  topValues?: TagValue[]
}
export interface TagValue {
  key?: string
  name: string
  value: string
  count: number
  firstSeen?: string
  lastSeen?: string
  query?: string | null
  email?: string | null
}
export interface ReleaseSummary {
  version: string
  shortVersion?: string
  dateCreated?: string
  dateReleased?: string | null
}
export interface IssueDetail extends Issue {
  activity: Activity[]
  seenBy: User[]
  participants: User[]
  userReportCount: number
  firstRelease: ReleaseSummary | null
  lastRelease: ReleaseSummary | null
  tags: TagSummary[]
}
export interface EventTag {
  key: string
  value: string
  query?: string
}
export interface EventUser {
  id?: string | null
  email?: string | null
  username?: string | null
  ip_address?: string | null
  name?: string | null
  geo?: Record<string, string> | null
  data?: Record<string, unknown> | null
}
export interface EventRow {
  id: string
  eventID: string
  groupID: string | null
  projectID?: string
  title: string
  message: string | null
  culprit: string | null
  location?: string | null
  user: EventUser | null
  tags: EventTag[]
  platform: string | null
  dateCreated: string
  size?: number
}
export interface Frame {
  filename: string | null
  absPath: string | null
  module: string | null
  package: string | null
  platform: string | null
  function: string | null
  rawFunction: string | null
  lineNo: number | null
  colNo: number | null
  context: [number, string | null][] | null
  inApp: boolean | null
  vars: Record<string, unknown> | null
  instructionAddr: string | null
  symbolAddr?: string | null
  trust?: string | null
  errors?: { type: string; message?: string }[] | null
  lock?: Record<string, unknown> | null
  sourceLink?: string | null
  map?: string | null
  origAbsPath?: string | null
}
export interface Stacktrace {
  frames: Frame[] | null
  framesOmitted: [number, number] | null
  hasSystemFrames?: boolean
  registers?: Record<string, string> | null
}
export interface Mechanism {
  type?: string | null
  handled?: boolean | null
  synthetic?: boolean | null
  description?: string | null
  help_link?: string | null
  source?: string | null
  exception_id?: number | null
  parent_id?: number | null
  is_exception_group?: boolean | null
  data?: Record<string, unknown> | null
  meta?: Record<string, unknown> | null
}
export interface ExceptionValue {
  type: string | null
  value: string | null
  module: string | null
  threadId: number | string | null
  mechanism: Mechanism | null
  stacktrace: Stacktrace | null
  rawStacktrace: Stacktrace | null
}
export interface Thread {
  id: number | string | null
  name: string | null
  crashed: boolean | null
  current: boolean | null
  state?: string | null
  heldLocks?: Record<string, Record<string, unknown>> | null
  stacktrace: Stacktrace | null
  rawStacktrace?: Stacktrace | null
}
export interface Crumb {
  type: string | null
  timestamp: string | null
  level: string | null
  message: string | null
  category: string | null
  data: Record<string, unknown> | null
}
export interface RequestData {
  method: string | null
  url: string | null
  query: [string, string][] | string | null
  fragment: string | null
  data: unknown
  headers: [string, string][] | null
  cookies: [string, string][] | null
  env: Record<string, unknown> | null
  inferredContentType: string | null
}
export type Entry =
  | { type: 'exception'; data: { values: ExceptionValue[]; excOmitted: [number, number] | null } }
  | { type: 'stacktrace'; data: Stacktrace }
  | { type: 'threads'; data: { values: Thread[] } }
  | { type: 'breadcrumbs'; data: { values: Crumb[] } }
  | { type: 'request'; data: RequestData }
  | { type: 'message'; data: { formatted: string | null; message: string | null; params?: unknown } }
  | { type: 'template'; data: Record<string, unknown> }
  | { type: 'csp'; data: Record<string, unknown> }
  | { type: 'spans'; data: unknown[] }
  | { type: 'debugmeta'; data: { images: unknown[] } }
export interface EventDetail extends EventRow {
  type: string
  dist: string | null
  release: ReleaseSummary | null
  dateReceived: string | null
  entries: Entry[]
  contexts: Record<string, Record<string, unknown> | null>
  context: Record<string, unknown> | null
  packages: Record<string, string> | null
  sdk: { name: string | null; version: string | null; integrations?: string[]; packages?: unknown[] } | null
  errors: { type: string; message?: string; data?: Record<string, unknown> }[]
  _meta: Record<string, unknown> | null
  fingerprints: string[]
  groupingConfig?: { id?: string } | null
  nextEventID: string | null
  previousEventID: string | null
  metadata?: { type?: string; value?: string }
  /** what a performance issue was found by; absent for errors */
  occurrence?: Occurrence | null
  /** place among the events of its issue, oldest first, where the server counts it */
  position?: number
}
export interface Occurrence {
  subtitle?: string
  evidenceDisplay: { name: string; value: string; important?: boolean }[]
  evidenceData?: { offenderSpanIds?: string[]; parentSpanIds?: string[] }
}
export interface Attachment {
  id: string
  event_id: string
  type: string
  name: string
  mimetype: string
  dateCreated: string
  size: number
}
export interface SavedSearch {
  id: string
  name: string
  query: string
  sort?: string | null
  position?: number
  visibility?: 'owner' | 'organization'
  type?: string
  filters?: { project?: string[]; environment?: string[]; statsPeriod?: string }
}
export interface LiveMessage {
  topic: string
  kind: string
  issue?: string
  project?: string
  eventId?: string
  category?: string
  reason?: string
  detail?: string
  at: string
}
