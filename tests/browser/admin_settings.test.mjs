// An admin finds a setting, changes it, sees that it counts at once, and takes the change back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administered, looksRight } from './admin.mjs'
import { visitor } from './browser.mjs'
import * as steps from './steps.mjs'

const path = '/admin/settings'

/** Gives the pages another title and takes it back; what is written elsewhere would be stronger. */
async function changeAndReset(page, server, look = async () => {}) {
  await page.goto(server.origin + path)
  await steps.fill(page, { 'Search in names and descriptions': 'site.title' })
  await page.getByRole('search').getByRole('button', { name: 'Search' }).click()
  await page.waitForURL(/q=site\.title/)
  await steps.fill(steps.form(page, `${path}/site.title`), { Value: 'The Choir' })
  await steps.press(page, 'Save site.title')
  await steps.sees(page, 'The setting was changed and counts now.')
  await page.goto(`${server.origin}${path}?q=site.title`)
  assert.match(await page.title(), /The Choir/)
  await look()
  await steps.press(page, 'Reset to default: site.title')
  await steps.sees(page, 'The change was forgotten')
  await page.goto(server.origin + path)
  assert.doesNotMatch(await page.title(), /The Choir/)
}

test('a setting is changed and reset', async () => {
  await administered(async ({ server, admin, page }) => {
    await changeAndReset(page, server, () => looksRight(page, 'admin-setting'))
    await looksRight(page, 'admin-settings')
    await page.getByRole('row', { name: 'session.lifetime' }).getByText('7 days', { exact: true }).waitFor()
    assert.equal(await page.locator('#set-moderation-duration-value').inputValue(), '2h')
    await page.locator('#set-moderation-duration').getByText('2 hours', { exact: true }).waitFor()
    await page.goto(`${server.origin}${path}?q=no-such-setting`)
    await steps.sees(page, 'No setting has that in its name.')
    assert.deepEqual(admin.complaints, [])
  })
})

test('a setting is changed and reset without scripts', async () => {
  await administered(async ({ server, browser }) => {
    const { page, complaints } = await visitor(browser, { javaScriptEnabled: false })
    await steps.signIn(page, server, steps.ada)
    await changeAndReset(page, server)
    assert.deepEqual(complaints, [])
  })
})
