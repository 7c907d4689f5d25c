// A real provider's own pages in a real browser: to it and back from our login page, out of both, and straight on.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch, visitor } from './browser.mjs'
import { signInThere, start } from './provider.mjs'
import * as steps from './steps.mjs'

async function signOutOfBoth(page, server, provider) {
  await steps.press(steps.form(page, '/logout'), 'Sign out')
  await page.waitForURL((url) => url.origin === provider.issuer)
  await page.getByRole('button', { name: 'Yes' }).click()
  await page.waitForURL((url) => url.origin === server.origin && url.pathname === '/login')
  await steps.sees(page, 'You are signed out.')
}

describe('with a real provider', () => {
  let browser, provider, server
  before(async () => {
    browser = await launch()
    ;({ provider, server } = await start())
    const admin = await visitor(browser)
    await steps.setUp(admin.page, server)
    await admin.close()
  })
  after(async () => {
    await browser?.close()
    provider?.stop()
    assert.equal(await server?.stop(), 0)
  })

  for (const javaScriptEnabled of [true, false]) {
    test(`in by the button, out of both, ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
      const { page, complaints, close } = await visitor(browser, { javaScriptEnabled })
      await page.goto(`${server.origin}/login`)
      await page.getByRole('link', { name: 'Continue with Work' }).click()
      await signInThere(page, server, 'alice')
      await steps.isHome(page)
      await steps.sees(page, 'Alice')
      await signOutOfBoth(page, server, provider)
      // The provider asks who it is again: its session is over, too.
      await page.getByRole('link', { name: 'Continue with Work' }).click()
      await page.getByLabel('Login').waitFor()
      assert.deepEqual(complaints, [])
      await close()
    })
  }

  test('connected from the account page of somebody who has a password', async () => {
    const { page, complaints, close } = await visitor(browser)
    const person = { name: 'Bob', email: 'bobs@example.test', password: 'Bob walks along the river' }
    await steps.register(page, server, person)
    await steps.signIn(page, server, person)
    await page.goto(`${server.origin}/account/connections`)
    await page.getByLabel('Current password').fill(person.password)
    await page.getByRole('button', { name: 'Connect Continue with Work' }).click()
    await signInThere(page, server, 'bob')
    await steps.sees(page, 'You can now sign in with Continue with Work as well.')
    assert.deepEqual(complaints, [])
    await close()
  })
})

describe('whatever signs, and whoever is let in', () => {
  let browser
  before(async () => {
    browser = await launch()
  })
  after(() => browser?.close())

  for (const client of ['app', 'app-ps256', 'app-es256', 'app-eddsa']) {
    test(`${client}: by groups, and with new keys`, async () => {
      const { provider, server } = await start({
        OPENID_CLIENT_ID: client,
        OPENID_SCOPE: 'openid profile email groups',
        OPENID_REQUIRED_ROLE: 'admins',
        OPENID_REQUIRED_ROLE_PARAMETER_PATH: 'groups',
        // Keys are not asked for twice within ten seconds unless they are old, so that here they are old soon.
        OPENID_JWKS_URL_CACHE_TIME: '100',
      })
      const owner = await visitor(browser)
      await steps.setUp(owner.page, server)
      for (const turn of ['first', 'with new keys']) {
        const { page, complaints, close } = await visitor(browser)
        await page.goto(`${server.origin}/login`)
        await page.getByRole('link', { name: 'Continue with Work' }).click()
        await signInThere(page, server, 'alice')
        await steps.isHome(page)
        assert.deepEqual(complaints, [], turn)
        await close()
        const rotated = await fetch(`${provider.issuer}/_ctl/rotate`, { method: 'POST', body: '{}' })
        assert.equal(rotated.ok, true)
      }
      const { page, close } = await visitor(browser)
      await page.goto(`${server.origin}/login`)
      await page.getByRole('link', { name: 'Continue with Work' }).click()
      await signInThere(page, server, 'bob')
      assert.equal(new URL(page.url()).pathname, '/login')
      await steps.sees(page, 'You are known, but not allowed in')
      await close()
      await owner.close()
      provider.stop()
      assert.equal(await server.stop(), 0)
    })
  }
})

describe('straight on', () => {
  let browser, provider, server
  before(async () => {
    browser = await launch()
    ;({ provider, server } = await start({ OPENID_AUTO_REDIRECT: 'true' }))
    const admin = await visitor(browser)
    await steps.setUp(admin.page, server)
    await admin.close()
  })
  after(async () => {
    await browser?.close()
    provider?.stop()
    assert.equal(await server?.stop(), 0)
  })

  test('the login page leads to the provider, but not after signing out', async () => {
    const { page, complaints, close } = await visitor(browser)
    await page.goto(`${server.origin}/login`)
    await page.waitForURL((url) => url.origin === provider.issuer)
    await signInThere(page, server, 'alice')
    await steps.isHome(page)
    await signOutOfBoth(page, server, provider)
    await page.goto(`${server.origin}/login`)
    await page.getByRole('link', { name: 'Continue with Work' }).waitFor()
    await page.goto(`${server.origin}/`)
    assert.equal(new URL(page.url()).origin, server.origin)
    assert.deepEqual(complaints, [])
    await close()
  })

  test('cancelling at the provider shows the login page and stays there', async () => {
    const { page, complaints, close } = await visitor(browser)
    await page.goto(`${server.origin}/login`)
    await page.getByRole('link', { name: 'Cancel' }).click()
    await page.waitForURL((url) => url.origin === server.origin && url.pathname === '/login')
    await page.getByRole('link', { name: 'Continue with Work' }).waitFor()
    assert.deepEqual(complaints, [])
    await close()
  })
})
