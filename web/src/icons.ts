/** The icons in use, from lucide (ISC). One list, so that the same thing wears the same icon. */
import ai from 'icon:sparkles'
import archive from 'icon:archive'
import arrowUpRight from 'icon:arrow-up-right'
import backend from 'icon:server'
import bell from 'icon:bell'
import bookmark from 'icon:bookmark'
import check from 'icon:check'
import chevronDown from 'icon:chevron-down'
import chevronLeft from 'icon:chevron-left'
import chevronRight from 'icon:chevron-right'
import chevronFirst from 'icon:chevron-first'
import chevronLast from 'icon:chevron-last'
import circle from 'icon:circle'
import circleAlert from 'icon:circle-alert'
import circleCheck from 'icon:circle-check'
import circleDot from 'icon:circle-dot'
import circleUser from 'icon:circle-user'
import clock from 'icon:clock'
import columns from 'icon:columns-3'
import copy from 'icon:copy'
import download from 'icon:download'
import ellipsis from 'icon:ellipsis'
import folder from 'icon:folder'
import frontend from 'icon:app-window'
import globe from 'icon:globe'
import help from 'icon:circle-help'
import inbox from 'icon:inbox'
import link from 'icon:link'
import logs from 'icon:scroll-text'
import merge from 'icon:merge'
import message from 'icon:message-square'
import octagon from 'icon:octagon-alert'
import paperclip from 'icon:paperclip'
import pause from 'icon:pause'
import play from 'icon:play'
import plus from 'icon:plus'
import queues from 'icon:layers'
import refresh from 'icon:refresh-cw'
import rotate from 'icon:rotate-ccw'
import rows from 'icon:rows-3'
import save from 'icon:bookmark-plus'
import search from 'icon:search'
import settings from 'icon:settings'
import share from 'icon:share-2'
import terminal from 'icon:terminal'
import trash from 'icon:trash-2'
import traces from 'icon:list-tree'
import triangle from 'icon:triangle-alert'
import trending from 'icon:trending-up'
import user from 'icon:user'
import users from 'icon:users'
import x from 'icon:x'

export const icons = {
  ai,
  archive,
  arrowUpRight,
  backend,
  bell,
  bookmark,
  check,
  chevronDown,
  chevronLeft,
  chevronRight,
  chevronFirst,
  chevronLast,
  circle,
  circleAlert,
  circleCheck,
  circleDot,
  circleUser,
  clock,
  columns,
  copy,
  download,
  ellipsis,
  folder,
  frontend,
  globe,
  help,
  inbox,
  link,
  logs,
  merge,
  message,
  octagon,
  paperclip,
  pause,
  play,
  plus,
  queues,
  refresh,
  rotate,
  rows,
  save,
  search,
  settings,
  share,
  terminal,
  trash,
  traces,
  triangle,
  trending,
  user,
  users,
  x,
} as const

export type IconName = keyof typeof icons
