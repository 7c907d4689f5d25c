// The mistake every home server makes once: secure cookies on plain http. The login page must say so.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { launch, visitor } from './browser.mjs'
import { startServer } from './server.mjs'
import * as steps from './steps.mjs'

test('a login whose cookie the browser drops names both fixes', async () => {
  const server = await startServer({ SESSION_COOKIE_SECURE: 'true' })
  const browser = await launch({ hosts: ['home.test'] })
  try {
    // On localhost a browser keeps secure cookies even without TLS; under any other name it does not.
    const local = await visitor(browser)
    await steps.setUp(local.page, server)
    await local.close()

    const guest = await visitor(browser)
    const home = { origin: `http://home.test:${server.port}` }
    await steps.tryToSignIn(guest.page, home, steps.ada)
    const alert = guest.page.getByRole('alert')
    await alert.getByText('did not keep the sign-in cookie').waitFor()
    assert.match(await alert.textContent(), /https/)
    assert.match(await alert.textContent(), /SESSION_COOKIE_SECURE/)
    await guest.close()
  } finally {
    await browser.close()
    await server.stop()
  }
})
