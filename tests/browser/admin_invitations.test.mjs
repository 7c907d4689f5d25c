// An admin invites one and many, lets somebody in who waits, and turns somebody away.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administered, looksRight } from './admin.mjs'
import { visitor } from './browser.mjs'
import * as steps from './steps.mjs'

const path = '/admin/invitations'

test('a guest comes through a link that an admin has made', async () => {
  await administered(async ({ server, browser, admin, page }) => {
    await page.goto(server.origin + path)
    await looksRight(page, 'admin-invitations')
    await page.locator('summary', { hasText: 'Invite somebody' }).click()
    const form = page.locator(`form[method="post"][action$="${path}"]`)
    await steps.fill(form, { 'Email address': steps.bob.email, Groups: 'choir' })
    await steps.press(form, 'Make the link')
    const link = await page.locator('.message.good code').textContent()
    const guest = await visitor(browser)
    await guest.page.goto(server.origin + new URL(link).pathname + new URL(link).search)
    await steps.fill(steps.form(guest.page, '/register'), {
      Name: steps.bob.name,
      Password: steps.bob.password,
      'Repeat the password': steps.bob.password,
    })
    await steps.press(steps.form(guest.page, '/register'), 'Create account')
    await steps.sees(guest.page, 'Your account is ready')
    await page.goto(`${server.origin}${path}/1`)
    await steps.sees(page, steps.bob.email)
    await looksRight(page, 'admin-invitation')
    assert.deepEqual([...admin.complaints, ...guest.complaints], [])
  }, { ALLOW_REGISTRATION: 'false' })
})

test('many are invited at once, and who waits is let in or turned away', async () => {
  await administered(async ({ server, browser, admin, page }) => {
    await page.goto(server.origin + path)
    await page.locator('summary', { hasText: 'Invite many' }).click()
    const many = steps.form(page, `${path}/many`)
    await steps.fill(many, { 'Email addresses, one a line': 'cyd@example.test\nnobody' })
    await steps.press(many, 'Make the links')
    await steps.sees(page, 'hand over the link')
    await steps.sees(page, 'no email address')
    for (const name of ['eve', 'dan']) {
      const guest = await visitor(browser)
      await guest.page.goto(`${server.origin}/register`)
      await steps.fillRegistration(guest.page, { ...steps.ada, email: `${name}@example.test` })
      await steps.press(steps.form(guest.page, '/register'), 'Create account')
      await guest.page.waitForURL((url) => url.pathname === '/login')
    }
    await page.goto(server.origin + path)
    await page.getByLabel('Choose eve@example.test').check()
    await page.getByRole('button', { name: 'Let the chosen in' }).click()
    await steps.sees(page, 'Let in: 1.')
    await page.getByLabel('Choose dan@example.test').check()
    await page.locator('summary', { hasText: 'Turn away the chosen' }).click()
    await page.getByRole('button', { name: 'Turn away and delete' }).click()
    await steps.sees(page, 'Turned away: 1.')
    assert.deepEqual(admin.complaints, [])
  }, { ALLOW_REGISTRATION: 'true', LIBRECHAT_AUTH_APPROVAL: 'true', REGISTER_MAX: '100' })
})
