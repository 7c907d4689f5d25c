// An admin sends a test letter, and has letters that did not leave tried again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administered, looksRight } from './admin.mjs'
import { visitor } from './browser.mjs'
import { openMailbox } from './mailbox.mjs'
import * as steps from './steps.mjs'

const path = '/admin/mail'

test('a test letter goes out, and the page shows what was said', async () => {
  const mailbox = await openMailbox()
  try {
    await administered(async ({ server, admin, page }) => {
      await page.goto(server.origin + path)
      await steps.sees(page, 'Every letter was sent.')
      const form = steps.form(page, `${path}/test`)
      await steps.fill(form, { To: steps.bob.email })
      await steps.press(form, 'Send it now')
      await steps.sees(page, 'The mail server has taken the letter.')
      await page.locator('summary', { hasText: 'What was said' }).click()
      await page.locator('.dialogue', { hasText: 'mailbox ready' }).waitFor()
      await looksRight(page, 'admin-mail')
      assert.deepEqual(admin.complaints, [])
    }, mailbox.settings)
  } finally {
    await mailbox.close()
  }
})

test('a letter that does not leave is tried again, without scripts', async () => {
  const mailbox = await openMailbox()
  await mailbox.close() // nobody listens there any more
  const settings = { ...mailbox.settings, ALLOW_PASSWORD_RESET: 'true' }
  await administered(async ({ server, browser, admin, page }) => {
    const plain = await visitor(browser, { javaScriptEnabled: false })
    await steps.signIn(plain.page, server, steps.ada)
    const guest = await visitor(browser)
    await guest.page.goto(`${server.origin}/forgot-password`)
    const forgot = steps.form(guest.page, '/forgot-password')
    await steps.fill(forgot, { 'Email address': steps.ada.email })
    await steps.press(forgot, 'Send the link')
    await steps.sees(guest.page, 'Look into your mailbox')
    await page.goto(server.origin + path)
    await steps.sees(page, steps.ada.email)
    await looksRight(page, 'admin-mail-unsent')
    for (const width of [390, 800, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      const lines = await page.locator('th code').first().evaluate((name) => name.getClientRects().length)
      assert.equal(lines, 1, `the name of a letter breaks at ${width} px`)
    }
    await plain.page.goto(server.origin + path)
    await steps.press(plain.page, 'Try all now')
    await steps.sees(plain.page, 'It is tried again now')
    assert.deepEqual([...admin.complaints, ...plain.complaints], [])
  }, settings)
})

test('every letter is looked at, as text and as HTML, and nothing is sent', async () => {
  await administered(async ({ server, browser, admin, page }) => {
    await page.goto(server.origin + path)
    await page.getByRole('link', { name: 'Look at the letters' }).click()
    await looksRight(page, 'admin-letters')
    await page.getByRole('navigation', { name: 'Language of the letters' }).getByRole('link', { name: 'Français' }).click()
    await page.locator('th a[lang="fr"]').first().waitFor()
    await page.locator('td code', { hasText: /^reset_password$/ }).locator('xpath=ancestor::tr').getByRole('link').click()
    await page.locator('pre.letter', { hasText: 'Bonjour Ada Lovelace,' }).waitFor()
    await looksRight(page, 'admin-letter')
    await page.getByRole('link', { name: 'Next letter' }).click()
    await page.getByRole('link', { name: 'Previous letter' }).click()
    await page.getByRole('link', { name: 'See the HTML part' }).click()
    await page.getByText('Bonjour Ada Lovelace,').waitFor()
    assert.equal(await page.locator('html').getAttribute('lang'), 'fr')
    assert.equal(await page.evaluate(() => self.origin), 'null', 'the letter has no origin')
    const pictures = process.env.SCREENSHOTS
    if (pictures) await page.screenshot({ path: `${pictures}/admin-letter-html.png`, fullPage: true })
    await page.goBack()
    await page.locator('pre.letter').waitFor()
    assert.deepEqual(admin.complaints, [])
    const plain = await visitor(browser, { javaScriptEnabled: false })
    await steps.signIn(plain.page, server, steps.ada)
    await plain.page.goto(`${server.origin}${path}/letters/test/html`)
    await plain.page.getByText('Hello Ada Lovelace,').waitFor()
    assert.deepEqual(plain.complaints, [])
  })
})
