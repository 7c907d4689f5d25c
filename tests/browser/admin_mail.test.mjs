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
    await plain.page.goto(server.origin + path)
    await steps.press(plain.page, 'Try all now')
    await steps.sees(plain.page, 'It is tried again now')
    assert.deepEqual([...admin.complaints, ...plain.complaints], [])
  }, settings)
})
