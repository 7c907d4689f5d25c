// An admin finds people, changes some at once and makes an account: with scripts while typing, and without.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administered, create, looksRight } from './admin.mjs'
import { visitor } from './browser.mjs'
import * as steps from './steps.mjs'

const path = '/admin/users'

const count = (page, text) => page.locator('#people').getByText(text, { exact: true }).waitFor()

test('people are found while typing, sorted, filtered and changed together', async () => {
  await administered(async ({ server, browser, admin, page }) => {
    await create(page, server, steps.bob)
    await looksRight(page, 'admin-users-new')
    await page.goto(server.origin + path)
    await count(page, '2 accounts')
    await looksRight(page, 'admin-users')
    const search = page.getByRole('searchbox', { name: 'Search' })
    await search.pressSequentially('bob')
    await count(page, '1 account')
    assert.match(page.url(), /q=bob/)
    assert.equal(await search.evaluate((field) => field === document.activeElement), true, 'the focus stays where one types')
    assert.notEqual(await page.locator('#people time').first().getAttribute('title'), null, 'moments are those of the reader')
    await search.fill('')
    await count(page, '2 accounts')
    await page.getByRole('link', { name: 'Email address' }).click()
    await page.locator('th[aria-sort="ascending"]', { hasText: 'Email address' }).waitFor()
    await page.locator('summary', { hasText: 'Filters' }).click()
    await page.getByLabel('State', { exact: true }).selectOption({ label: 'Disabled' })
    await steps.sees(page, 'Nobody matches.')
    await page.getByRole('link', { name: 'Show all' }).click()
    await page.getByLabel('Choose', { exact: true }).selectOption({ label: 'Require a second factor' })
    await page.getByRole('checkbox', { name: `Select ${steps.bob.email}` }).check()
    await page.getByRole('button', { name: 'Go on' }).click()
    await steps.sees(page, 'sets one up before anything else')
    await page.getByRole('button', { name: 'Do it now' }).click()
    await steps.sees(page, '1 account changed')
    await page.goto(`${server.origin}${path}?two_factor_demanded=yes`)
    await count(page, '1 account')
    await looksRight(page, 'admin-users-demanded')
    await page.getByRole('link', { name: 'Show all' }).click()
    await page.getByRole('checkbox', { name: `Select ${steps.bob.email}` }).check()
    await page.getByRole('button', { name: 'Go on' }).click()
    await steps.sees(page, 'This is about 1 account.')
    await looksRight(page, 'admin-users-change')
    await page.getByRole('button', { name: 'Do it now' }).click()
    await steps.sees(page, '1 account changed')
    const bob = await visitor(browser)
    await steps.tryToSignIn(bob.page, server, steps.bob)
    await bob.page.locator('[role=alert]').first().waitFor()
    assert.deepEqual(admin.complaints, [])
  })
})

test('people are found, and an account is made, without scripts', async () => {
  await administered(async ({ server, browser }) => {
    const { page, complaints } = await visitor(browser, { javaScriptEnabled: false })
    await steps.signIn(page, server, steps.ada)
    await create(page, server, steps.bob)
    await page.goto(server.origin + path)
    await page.getByRole('searchbox', { name: 'Search' }).fill('nobody at all')
    await page.getByRole('button', { name: 'Show' }).click()
    await steps.sees(page, 'Nobody matches.')
    await page.getByRole('link', { name: 'Show all' }).click()
    await page.getByRole('button', { name: 'Go on' }).click()
    await steps.sees(page, 'Nobody is selected.')
    const bob = await visitor(browser)
    await steps.signIn(bob.page, server, steps.bob)
    assert.deepEqual([...complaints, ...bob.complaints], [])
  })
})
