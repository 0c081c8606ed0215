/**
 * HTML of comments, rendered by the server from Markdown with an allow-list. The page goes over it once
 * more: only these elements, only links that lead to the web, nothing else survives.
 */

const ALLOWED = new Set([
  'A',
  'B',
  'BLOCKQUOTE',
  'BR',
  'CODE',
  'DEL',
  'EM',
  'H1',
  'H2',
  'H3',
  'H4',
  'HR',
  'I',
  'LI',
  'OL',
  'P',
  'PRE',
  'S',
  'STRONG',
  'TABLE',
  'TBODY',
  'TD',
  'TH',
  'THEAD',
  'TR',
  'UL',
])

export function safe(html: string): string {
  const { body } = new DOMParser().parseFromString(html, 'text/html')
  for (const element of [...body.querySelectorAll('*')]) clean(element)
  return body.innerHTML
}

function clean(element: Element): void {
  if (!ALLOWED.has(element.tagName)) {
    element.replaceWith(...(/^(SCRIPT|STYLE|TEMPLATE|SVG|MATH)$/i.test(element.tagName) ? [] : element.childNodes))
    return
  }
  const href = element.getAttribute('href')
  for (const { name } of [...element.attributes]) element.removeAttribute(name)
  if (element.tagName === 'A' && href && /^(https?:|mailto:|\/(?!\/))/i.test(href)) {
    element.setAttribute('href', href)
    element.setAttribute('rel', 'noopener noreferrer nofollow')
  }
}
