import { mount } from 'svelte'
import './tokens.css'
import './base.css'
import App from './App.svelte'
import { startKeys } from './keys'
import { net } from './lib/net.svelte'
import { paintTheme, prefs } from './lib/prefs.svelte'
import { startRouter } from './lib/router.svelte'

// a chunk that is gone was replaced by a newer build
addEventListener('vite:preloadError', () => (net.stale = true))
paintTheme(prefs.theme)
startRouter()
startKeys()
// in a task of its own: what ran by now has had its share of the 50 ms that a person does not feel
setTimeout(() => mount(App, { target: document.getElementById('app') ?? document.body }))
