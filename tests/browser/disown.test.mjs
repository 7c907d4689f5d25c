// A stranger signs in; the owner gets a letter, says that it was somebody else, and gets back in.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch, visitor } from './browser.mjs'
import { openMailbox } from './mailbox.mjs'
import { startServer } from './server.mjs'
import * as steps from './steps.mjs'

const { ada } = steps

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    let browser, mailbox, server
    before(async () => {
      mailbox = await openMailbox()
      server = await startServer(mailbox.settings)
      browser = await launch()
    })
    after(async () => {
      await browser?.close()
      await server?.stop()
      mailbox?.close()
    })
    test('this was not me', async () => {
      const guests = []
      const enter = async () => {
        const guest = await visitor(browser, { javaScriptEnabled })
        guests.push(guest)
        return guest.page
      }
      const owner = await enter()
      await steps.setUp(owner, server)
      const thief = await enter()
      await steps.signIn(thief, server, ada)
      const reader = await enter() // where the mail is read, nobody is signed in
      await reader.goto(server.origin + (await mailbox.path(ada.email, '/not-me')))
      await steps.sees(reader, 'Was this not you?')
      await thief.reload()
      await steps.isHome(thief) // looking changes nothing
      await steps.press(steps.form(reader, '/not-me'), 'This was not me: lock my account')
      await steps.sees(reader, 'We have sent a link to your email address.')
      await steps.isSignedOut(thief, server)
      await steps.isSignedOut(owner, server)
      await steps.tryToSignIn(thief, server, ada)
      await thief.getByRole('alert').getByText('do not match').waitFor()

      await reader.goto(server.origin + (await mailbox.path(ada.email, '/reset-password')))
      const renewed = { ...ada, password: 'nine swans on the frozen pond' }
      const form = steps.form(reader, '/reset-password')
      await steps.fill(form, { 'New password': renewed.password, 'Repeat the password': renewed.password })
      await steps.press(form, 'Set password')
      await reader.waitForURL((url) => url.pathname === '/login')
      await steps.signIn(owner, server, renewed)
      await owner.getByRole('link', { name: 'See recent sign-ins and changes' }).click()
      await steps.sees(owner, 'You said that something was not you')
      for (const guest of guests) {
        assert.deepEqual(guest.complaints, [])
        await guest.close()
      }
    })
  })
}
