// An admin finds sessions, ends one, and signs everybody else out: with scripts while typing, and without.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administered, looksRight } from './admin.mjs'
import { visitor } from './browser.mjs'
import * as steps from './steps.mjs'

const path = '/admin/sessions'
const settings = { ALLOW_REGISTRATION: 'true', REGISTER_MAX: '100' }

async function guest(browser, server, options = {}) {
  const bob = await visitor(browser, options)
  await steps.register(bob.page, server, steps.bob)
  await steps.signIn(bob.page, server, steps.bob)
  return bob
}

test('a session is found while typing, and ends', async () => {
  await administered(async ({ server, browser, admin, page }) => {
    const bob = await guest(browser, server)
    await page.goto(server.origin + path)
    await steps.sees(page, '2 sessions')
    await looksRight(page, 'admin-sessions')
    await page.getByLabel('Search').fill('bob')
    await page.locator('#sessions').getByText('1 session', { exact: true }).waitFor()
    assert.match(page.url(), /q=bob/)
    await page.getByRole('checkbox', { name: /^Select bob@example.test/ }).check()
    await page.getByRole('button', { name: 'End the selected' }).click()
    await steps.sees(page, 'This is about 1 session.')
    await looksRight(page, 'admin-sessions-end')
    await page.getByRole('button', { name: 'Do it now' }).click()
    await steps.sees(page, '1 session was ended.')
    await steps.isSignedOut(bob.page, server)
    assert.deepEqual(admin.complaints, [])
  }, settings)
})

test('everybody else is signed out without scripts', async () => {
  await administered(async ({ server, browser }) => {
    const bob = await guest(browser, server)
    const plain = await visitor(browser, { javaScriptEnabled: false })
    await steps.signIn(plain.page, server, steps.ada)
    await plain.page.goto(server.origin + path)
    await plain.page.getByRole('link', { name: 'Sign out everybody else' }).click()
    await steps.sees(plain.page, 'This is about 2 sessions.')
    await plain.page.getByRole('button', { name: 'Do it now' }).click()
    await steps.sees(plain.page, '2 sessions were ended.')
    await steps.sees(plain.page, 'This is you')
    await steps.isSignedOut(bob.page, server)
    assert.deepEqual(plain.complaints, [])
  }, settings)
})
