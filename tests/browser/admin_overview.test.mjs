// An admin sees what happened, for a time of choice: with scripts, and without.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administered, looksRight } from './admin.mjs'
import { visitor } from './browser.mjs'
import * as steps from './steps.mjs'

test('the overview shows what happened, as pictures and as numbers', async () => {
  await administered(async ({ server, browser, admin, page }) => {
    const bob = await visitor(browser)
    await steps.register(bob.page, server, steps.bob)
    await steps.tryToSignIn(bob.page, server, { ...steps.bob, password: 'not his password' })
    await steps.sees(bob.page, 'password')
    await steps.signIn(bob.page, server, steps.bob)
    await page.goto(`${server.origin}/admin`)
    await steps.sees(page, 'These numbers renew themselves')
    await steps.sees(page, steps.bob.email)
    await page.locator('summary', { hasText: 'as a table' }).click()
    await page.getByRole('columnheader', { name: 'Failed sign-ins' }).waitFor()
    await looksRight(page, 'admin-overview')
    await page.getByRole('link', { name: '7 days' }).click()
    await page.waitForURL(/span=/)
    assert.equal(await page.getByRole('link', { name: '7 days' }).getAttribute('aria-current'), 'page')
    assert.deepEqual(admin.complaints, [])
  })
})

test('the overview needs no scripts', async () => {
  await administered(async ({ server, browser }) => {
    const plain = await visitor(browser, { javaScriptEnabled: false })
    await steps.signIn(plain.page, server, steps.ada)
    await plain.page.goto(`${server.origin}/admin`)
    await plain.page.getByRole('img', { name: /^Sign-ins/ }).waitFor()
    assert.equal(await plain.page.getByText('These numbers renew themselves').isVisible(), false)
    await plain.page.getByRole('link', { name: 'Reload' }).click()
    await plain.page.getByRole('link', { name: /Accounts/ }).click()
    await plain.page.waitForURL((url) => url.pathname === '/admin/users')
    assert.deepEqual(plain.complaints, [])
  })
})
