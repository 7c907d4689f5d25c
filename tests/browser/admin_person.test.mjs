// An admin looks at one person, changes the account, and does to it what can be done, with scripts and without.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administered, create, looksRight } from './admin.mjs'
import { visitor } from './browser.mjs'
import { openMailbox } from './mailbox.mjs'
import * as steps from './steps.mjs'

const settings = { ALLOW_REGISTRATION: 'true', REGISTER_MAX: '100' }

/** Somebody with an account who is signed in, and the address of their page. */
async function somebody({ server, browser, page }) {
  const guest = await visitor(browser)
  await steps.register(guest.page, server, steps.bob)
  await steps.tryToSignIn(guest.page, server, steps.bob)
  await steps.isHome(guest.page)
  await page.goto(`${server.origin}/admin/users`)
  await page.getByRole('link', { name: steps.bob.name }).click()
  await page.getByRole('heading', { level: 1, name: steps.bob.name }).waitFor()
  return { guest, path: new URL(page.url()).pathname }
}

/** Goes to the page that asks, looks at what it says, and does it. */
async function does(page, deed, effect, done) {
  await page.getByRole('link', { name: deed }).first().click()
  await steps.sees(page, effect)
  await steps.press(page, deed)
  await steps.sees(page, done)
}

async function walks({ server, admin, page, ...rest }, pictures) {
  const { guest, path } = await somebody({ server, page, ...rest })
  const form = steps.form(page, path)
  await page.locator('summary', { hasText: 'Change the account' }).click()
  await steps.fill(form, { 'Groups by hand': 'choir, Team Lead', 'May come in until': 'soon' })
  await steps.press(form, 'Save')
  await steps.sees(page, 'This is no moment to come.')
  if (pictures) await looksRight(page, 'admin-person-wrong')
  await steps.fill(form, { 'May come in until': '30d' })
  await steps.press(form, 'Save')
  await steps.sees(page, 'Saved.')
  await does(page, 'Make a reset link', 'Whoever opens the link', 'This link sets a new password.')
  if (pictures) await looksRight(page, 'admin-person')
  await page.getByRole('link', { name: 'End the session' }).first().click()
  await steps.sees(page, 'has to sign in again')
  if (pictures) await looksRight(page, 'admin-person-ask')
  await steps.press(page, 'End the session')
  await steps.sees(page, 'The session is ended.')
  await guest.page.goto(server.origin)
  await guest.page.waitForURL((url) => url.pathname === '/login')
  await page.getByRole('link', { name: 'Ban', exact: true }).click()
  await page.getByLabel('How long').selectOption('7d')
  if (pictures) await looksRight(page, 'admin-person-ban')
  await steps.press(page, 'Ban')
  await steps.sees(page, 'The account is banned.')
  await does(page, 'Lift bans, forget scores', 'can come in at once', 'Bans are lifted')
  await does(page, 'Lock the account', 'signed out everywhere', 'The account is locked.')
  await does(page, 'Unlock the account', 'can sign in again', 'The account is unlocked.')
  await does(page, 'Require a second factor', 'before anything else', 'A second factor is required of the account.')
  if (pictures) await looksRight(page, 'admin-person-demanded')
  await steps.tryToSignIn(guest.page, server, steps.bob)
  await guest.page.waitForURL((url) => url.pathname === '/login/2fa/setup')
  await does(page, 'Require a second factor no more', 'can go on without one', 'A second factor is required by hand no more.')
  await does(page, 'Delete the account', 'gone at once', 'The account is deleted.')
  await page.getByRole('heading', { level: 1, name: 'Deleted account' }).waitFor()
  if (pictures) await looksRight(page, 'admin-person-gone')
  await page.getByRole('link', { name: 'Back to the deleted accounts' }).click()
  await page.getByRole('heading', { level: 1, name: 'Deleted accounts' }).waitFor()
  if (pictures) await looksRight(page, 'admin-users-deleted')
  await page.getByRole('link', { name: steps.bob.email }).click()
  await does(page, 'Restore the account', 'as it was', 'The account is back.')
  await does(page, 'Delete the account', 'gone at once', 'The account is deleted.')
  await page.getByRole('link', { name: 'Remove for good' }).click()
  await steps.sees(page, 'This cannot be undone')
  if (pictures) await looksRight(page, 'admin-person-erase')
  await steps.press(page, 'Remove for good')
  await steps.sees(page, 'The account is gone for good.')
  await steps.sees(page, 'There are none.')
  assert.deepEqual([...admin.complaints, ...guest.complaints], [])
}

test('one person is looked at, changed, banned, locked, deleted and brought back', async () => {
  await administered((scene) => walks(scene, true), settings)
})

for (const javaScriptEnabled of [true, false]) {
  test(`a reset link goes to its owner by mail ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
    const mailbox = await openMailbox()
    try {
      await administered(async ({ server, browser, page: first }) => {
        await create(first, server, steps.bob)
        const { page, complaints } = await visitor(browser, { javaScriptEnabled, storageState: await first.context().storageState() })
        await page.goto(`${server.origin}/admin/users`)
        await page.getByRole('link', { name: steps.bob.name }).click()
        await page.getByRole('link', { name: 'Make a reset link' }).click()
        await page.getByLabel('How the owner gets it').selectOption({ label: 'Mailed to the owner' })
        if (javaScriptEnabled) await looksRight(page, 'admin-person-link')
        await steps.press(page, 'Make a reset link')
        await steps.sees(page, 'The letter with the link is on its way.')
        const guest = await visitor(browser)
        await guest.page.goto(server.origin + (await mailbox.path(steps.bob.email, '/reset-password')))
        await guest.page.getByRole('heading', { level: 1 }).waitFor()
        await guest.page.getByLabel('Repeat the password').waitFor()
        assert.deepEqual([...complaints, ...guest.complaints], [])
      }, { ...settings, ...mailbox.settings })
    } finally {
      await mailbox.close()
    }
  })
}

test('all of it works without scripts', async () => {
  await administered(async ({ server, browser, page }) => {
    const state = await page.context().storageState()
    const plain = await visitor(browser, { javaScriptEnabled: false, storageState: state })
    await walks({ server, browser, admin: plain, page: plain.page }, false)
  }, settings)
})
