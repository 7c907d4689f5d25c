// An admin bans somebody, sees why, lifts it, and tries a policy: with a slider that answers at once, or with a button.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administered, looksRight } from './admin.mjs'
import { visitor } from './browser.mjs'
import * as steps from './steps.mjs'

const secret = 'what other programs report violations with'
const settings = { LIBRECHAT_AUTH_API_SECRET: secret, TRUST_PROXY: '1' }

async function misbehave(server, address, times) {
  for (let n = 0; n < times; n++) {
    const answer = await fetch(`${server.origin}/api/violations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'message_limit', address }),
    })
    assert.equal(answer.status, 200)
  }
}

/** Fields and button of the search stand on one line. */
async function searchIsEven(page) {
  await page.setViewportSize({ width: 1280, height: 800 })
  const bottoms = await page
    .locator('form.filters')
    .locator('input, select, button')
    .evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().bottom)))
  assert.equal(new Set(bottoms).size, 1, `the search is uneven: ${bottoms}`)
}

test('a ban is made, explained and lifted, and looks right', async () => {
  await administered(async ({ server, admin, page }) => {
    await misbehave(server, '203.0.113.7', 20)
    await page.goto(`${server.origin}/admin/bans`)
    await looksRight(page, 'admin-bans')
    await searchIsEven(page)
    await page.getByRole('link', { name: '203.0.113.7' }).click()
    await page.locator('svg .curve-line').waitFor({ state: 'attached' })
    await looksRight(page, 'admin-ban')
    await page.locator('summary', { hasText: 'Lift the ban' }).click()
    await steps.press(steps.form(page, '/lift'), 'Lift the ban')
    await steps.sees(page, 'The ban is lifted and its points are forgotten.')
    await page.locator('summary', { hasText: 'Ban somebody' }).click()
    const form = steps.form(page, '/admin/bans').last()
    await steps.fill(form, { 'Account, address or network': '198.51.100.1' })
    await steps.press(form, 'Ban')
    await steps.sees(page, 'The ban counts from now on.')
    await page.goto(`${server.origin}/admin/violations`)
    await looksRight(page, 'admin-violations')
    await searchIsEven(page)
    assert.deepEqual(admin.complaints, [])
  }, settings)
})

test('a slider shows at once what a policy would do', async () => {
  await administered(async ({ server, admin, page }) => {
    await misbehave(server, '203.0.113.7', 10)
    await page.goto(`${server.origin}/admin/bans/simulate`)
    await steps.sees(page, 'This is the policy in force.')
    const slider = page.getByRole('slider', { name: 'A ban at each multiple of' })
    await slider.fill('10')
    await page.locator('#outcome').getByText('interval = 10').waitFor()
    assert.equal(await page.getByLabel('A ban at each multiple of').first().inputValue(), '10')
    await page.locator('#outcome').getByText('203.0.113.7').waitFor()
    assert.match(page.url(), /interval=10/)
    await looksRight(page, 'admin-simulate')
    assert.deepEqual(admin.complaints, [])
  }, settings)
})

test('without scripts a button shows the same', async () => {
  await administered(async ({ server, browser }) => {
    await misbehave(server, '203.0.113.7', 10)
    const plain = await visitor(browser, { javaScriptEnabled: false })
    await steps.signIn(plain.page, server, steps.ada)
    await plain.page.goto(`${server.origin}/admin/bans/simulate`)
    await steps.fill(plain.page, { 'A ban at each multiple of': '10' })
    await steps.press(plain.page, 'Try it')
    await steps.sees(plain.page, 'interval = 10')
    await steps.sees(plain.page, '203.0.113.7')
    assert.deepEqual(plain.complaints, [])
  }, settings)
})
