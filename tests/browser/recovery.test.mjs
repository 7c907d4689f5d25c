// From a letter in the mailbox back into the account, with JavaScript and without.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { audit, launch, scrollsSideways, visitor } from './browser.mjs'
import { openMailbox } from './mailbox.mjs'
import { startServer } from './server.mjs'
import * as steps from './steps.mjs'

const limits = Object.fromEntries(
  ['RESET_PASSWORD', 'RESET_PASSWORD_SUBMISSION', 'VERIFY_EMAIL', 'VERIFY_EMAIL_SUBMISSION', 'EMAIL_CHANGE'].map((name) => [`${name}_MAX`, '1000']),
)

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    let browser, server, mailbox
    const enter = (options) => visitor(browser, { javaScriptEnabled, ...options })
    const journey = (name, walk) =>
      test(name, async () => {
        const guest = await enter()
        try {
          await walk(guest)
          assert.deepEqual(guest.complaints, [])
        } finally {
          await guest.close()
        }
      })
    const person = (name) => ({ name, email: `${name.toLowerCase()}@example.test`, password: `${name} walks along the river` })
    const open = async (page, email, start) => page.goto(server.origin + (await mailbox.path(email, start)))

    /** Registers and proves the address with the link of the letter. */
    const prove = async (page, who) => {
      await page.goto(`${server.origin}/register`)
      await steps.fillRegistration(page, who)
      await steps.press(steps.form(page, '/register'), 'Create account')
      await steps.sees(page, 'Nearly done')
      await open(page, who.email, '/verify')
      await steps.sees(page, who.email)
      await steps.press(steps.form(page, '/verify'), 'Confirm address')
      await steps.sees(page, 'Your address is confirmed.')
    }

    const choose = async (page, password, repeated = password) => {
      await steps.fill(steps.form(page, '/reset-password'), { 'New password': password, 'Repeat the password': repeated })
      await steps.press(steps.form(page, '/reset-password'), 'Set password')
    }

    before(async () => {
      mailbox = await openMailbox()
      server = await startServer({ ...mailbox.settings, ...limits, ALLOW_PASSWORD_RESET: 'true' })
      browser = await launch()
      const admin = await enter()
      await steps.setUp(admin.page, server)
      await admin.close()
    })
    after(async () => {
      await browser?.close()
      await server?.stop()
      mailbox?.close()
    })

    journey('register, wait for the letter, confirm, sign in', async ({ page }) => {
      const cleo = person('Cleo')
      await prove(page, cleo)
      await steps.signIn(page, server, cleo)
    })

    journey('a refused login sends another letter with one press', async ({ page }) => {
      const dora = person('Dora')
      await page.goto(`${server.origin}/register`)
      await steps.fillRegistration(page, dora)
      await steps.press(steps.form(page, '/register'), 'Create account')
      await mailbox.path(dora.email, '/verify') // and lost it
      await steps.tryToSignIn(page, server, dora)
      await steps.sees(page, 'Please confirm your email address first')
      await steps.press(steps.form(page, '/verify/resend'), 'Send me a new link')
      await steps.sees(page, 'Look into your mailbox')
      await open(page, dora.email, '/verify')
      await steps.press(steps.form(page, '/verify'), 'Confirm address')
      await steps.signIn(page, server, dora)
    })

    journey('a forgotten password is replaced from the login page on', async ({ page }) => {
      const emil = person('Emil')
      await prove(page, emil)
      const elsewhere = await enter()
      await steps.signIn(elsewhere.page, server, emil)
      await page.goto(`${server.origin}/login`)
      await page.getByRole('link', { name: 'Forgot your password?' }).click()
      await steps.fill(steps.form(page, '/forgot-password'), { 'Email address': emil.email })
      await steps.press(steps.form(page, '/forgot-password'), 'Send the link')
      await steps.sees(page, 'Look into your mailbox')
      const link = await mailbox.path(emil.email, '/reset-password')
      await page.goto(server.origin + link)
      await choose(page, 'password')
      await page.getByRole('alert').waitFor()
      const changed = { ...emil, password: 'a different walk this time' }
      await choose(page, changed.password)
      await steps.sees(page, 'Your new password is set.')
      await steps.isSignedOut(elsewhere.page, server)
      await elsewhere.close()
      await steps.tryToSignIn(page, server, emil)
      await steps.sees(page, 'do not match')
      await steps.signIn(page, server, changed)
      const again = await enter()
      await again.page.goto(server.origin + link)
      await steps.sees(again.page, 'This link does not work any more')
      await again.close()
    })

    journey('another address needs both mailboxes', async ({ page }) => {
      const fritz = person('Fritz')
      await prove(page, fritz)
      await steps.signIn(page, server, fritz)
      await steps.unfold(page, '/account/email')
      const moved = { ...fritz, email: 'fritz@elsewhere.test' }
      const change = steps.form(page, '/account/email')
      await steps.fill(change, { 'New email address': moved.email, 'Current password': fritz.password })
      await steps.press(change, 'Send both links')
      await steps.sees(page, 'Two messages are on their way')
      const phone = await enter({ viewport: { width: 390, height: 844 } })
      await open(phone.page, moved.email, '/verify')
      await steps.press(steps.form(phone.page, '/verify/change'), 'Confirm change')
      await steps.sees(phone.page, 'One more step')
      await phone.close()
      await open(page, fritz.email, '/verify')
      await steps.sees(page, moved.email)
      await steps.press(steps.form(page, '/verify/change'), 'Confirm change')
      await steps.isHome(page)
      await steps.sees(page, 'Your email address was changed.')
      await steps.signOut(page)
      await steps.signIn(page, server, moved)
    })

    journey('the page of a link tells no other page where it is', async ({ page }) => {
      const gerda = person('Gerda')
      await prove(page, gerda)
      await page.goto(`${server.origin}/forgot-password`)
      await steps.fill(steps.form(page, '/forgot-password'), { 'Email address': gerda.email })
      await steps.press(steps.form(page, '/forgot-password'), 'Send the link')
      const link = await mailbox.path(gerda.email, '/reset-password')
      const referrers = []
      page.on('request', async (request) => referrers.push((await request.allHeaders()).referer ?? ''))
      await page.goto(server.origin + link)
      await page.getByRole('link', { name: 'Back to sign in' }).click()
      await steps.form(page, '/login').waitFor()
      assert.ok(referrers.every((referrer) => !referrer.includes('token')), referrers.join('\n'))
    })

    if (!javaScriptEnabled) return

    test('the pages are readable for everybody, wide and narrow, light and dark', async () => {
      for (const options of [{}, { viewport: { width: 320, height: 640 } }, { colorScheme: 'dark' }]) {
        const guest = await enter(options)
        for (const path of ['/forgot-password', '/forgot-password?sent=1', '/verify/resend', '/verify', '/reset-password']) {
          await guest.page.goto(server.origin + path)
          assert.deepEqual(await audit(guest.page), [], path)
          assert.equal(await scrollsSideways(guest.page), false, path)
        }
        await guest.close()
      }
    })
  })
}

test('without mail the page says whom to ask', async () => {
  const server = await startServer({ ALLOW_PASSWORD_RESET: 'true', LIBRECHAT_AUTH_BAN_CONTACT: 'Ada, first floor' })
  const browser = await launch()
  try {
    const guest = await visitor(browser)
    await guest.page.goto(`${server.origin}/login`)
    await guest.page.getByRole('link', { name: 'Forgot your password?' }).click()
    await steps.sees(guest.page, 'Ada, first floor')
    assert.equal(await steps.form(guest.page, '/forgot-password').count(), 0)
    assert.deepEqual(guest.complaints, [])
  } finally {
    await browser.close()
    await server.stop()
  }
})
