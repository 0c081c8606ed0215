// What jsdom lacks and the pages use.
import { cleanup } from '@testing-library/svelte'
import { afterEach } from 'vitest'

Element.prototype.scrollIntoView ??= () => undefined
HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
  this.open = true
}
HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
  this.open = false
  this.dispatchEvent(new Event('close'))
}
globalThis.scrollTo = () => undefined

afterEach(() => {
  cleanup()
  localStorage.clear()
})
