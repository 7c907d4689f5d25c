// What a person does from the set-up link to the deleted account, with JavaScript and without.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { launch, visitor } from './browser.mjs'
import { startServer } from './server.mjs'
import * as steps from './steps.mjs'

const { ada, bob } = steps

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    let browser, server
    const enter = (options) => visitor(browser, { javaScriptEnabled, ...options })
    /** Runs a journey as a new visitor, and fails if any page did what no page should. */
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
    /** A new account, signed in. */
    const newcomer = async (page, name) => {
      const person = { name, email: `${name.toLowerCase()}@example.test`, password: `${name} walks along the river` }
      await steps.register(page, server, person)
      await steps.signIn(page, server, person)
      return person
    }

    before(async () => {
      server = await startServer()
      browser = await launch()
      // The printed link comes first: until it is used there is nobody to register beside.
      const admin = await enter()
      await steps.setUp(admin.page, server)
      await steps.sees(admin.page, 'Administrator')
      await steps.signOut(admin.page)
      assert.deepEqual(admin.complaints, [])
      await admin.close()
    })
    after(async () => {
      await browser?.close()
      const status = await server?.stop()
      assert.equal(status, 0, 'SIGTERM ends the server in order')
    })

    journey('the set-up link works once', async ({ page }) => {
      const response = await page.goto(server.origin + server.setupPath)
      assert.equal(response.status(), 404)
      assert.equal(await steps.form(page, '/setup').count(), 0)
    })

    journey('register, sign in, reload, a second tab, sign out', async ({ context, page }) => {
      await steps.register(page, server, bob)
      await steps.signIn(page, server, bob)
      await steps.sees(page, bob.name)
      await page.reload()
      await steps.isHome(page)
      const tab = await context.newPage()
      await tab.goto(server.origin)
      await steps.isHome(tab)
      await steps.signOut(tab)
      await steps.isSignedOut(page, server)
    })

    journey('after signing out, going back shows nothing of the account', async ({ page }) => {
      await steps.signIn(page, server, ada)
      await steps.signOut(page)
      await page.goBack()
      assert.equal(await page.getByText(ada.email).count(), 0)
      await steps.isSignedOut(page, server)
    })

    journey('a wrong password keeps the address and forgets the password', async ({ page }) => {
      await steps.tryToSignIn(page, server, { email: ada.email, password: 'not the right one' })
      await page.getByRole('alert').getByText('do not match').waitFor()
      assert.equal(await page.getByLabel('Email address', { exact: true }).inputValue(), ada.email)
      assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), '')
      assert.ok(!(await page.content()).includes('not the right one'))
      await steps.signIn(page, server, ada)
    })

    journey('a registration with mistakes names them at their fields and keeps what was typed', async ({ page }) => {
      await page.goto(`${server.origin}/register`)
      await steps.fillRegistration(page, { name: 'Cleo', email: ada.email, password: 'password', repeated: 'passwords' })
      await steps.press(steps.form(page, '/register'), 'Create account')
      await page.getByRole('alert').waitFor()
      const refused = steps.form(page, '/register').locator('[aria-invalid="true"]')
      assert.ok((await refused.count()) > 0)
      for (const field of await refused.all()) {
        const described = (await field.getAttribute('aria-describedby')).split(' ')[0]
        assert.ok((await page.locator(`[id="${described}"]`).textContent()).trim().length > 0)
      }
      assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Cleo')
      assert.equal(await page.getByLabel('Email address', { exact: true }).inputValue(), ada.email)
      assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), '')
    })

    journey('the keyboard is enough to sign in and out', async ({ page }) => {
      await page.goto(`${server.origin}/login`)
      await tabTo(page, 'input[name="email"]')
      await page.keyboard.type(ada.email)
      await tabTo(page, 'input[name="password"]')
      await page.keyboard.type(ada.password)
      await page.keyboard.press('Enter')
      await steps.isHome(page)
      await tabTo(page, 'form[action$="/logout"] button')
      await page.keyboard.press('Enter')
      await steps.sees(page, 'You are signed out.')
    })

    journey('the language can be switched and stays', async ({ page }) => {
      await page.goto(`${server.origin}/login`)
      await page.getByRole('link', { name: 'Français' }).click()
      await page.getByRole('button', { name: 'Se connecter' }).waitFor()
      assert.equal(await page.locator('html').getAttribute('lang'), 'fr')
      await page.goto(`${server.origin}/register`)
      assert.equal(await page.locator('html').getAttribute('lang'), 'fr')
      await page.getByRole('link', { name: 'English' }).click()
      await page.getByRole('button', { name: 'Create account' }).waitFor()
    })

    test('a French browser gets French', async () => {
      const guest = await enter({ locale: 'fr-CA' })
      await guest.page.goto(`${server.origin}/login`)
      assert.equal(await guest.page.locator('html').getAttribute('lang'), 'fr')
      assert.deepEqual(guest.complaints, [])
      await guest.close()
    })

    journey('a login leads back to where it was asked for, but never to another site', async ({ page }) => {
      await page.goto(`${server.origin}/login?redirect_to=${encodeURIComponent('/c/new?model=x')}`)
      await steps.fill(steps.form(page, '/login'), { 'Email address': ada.email, Password: ada.password })
      await steps.press(steps.form(page, '/login'), 'Sign in')
      await page.waitForURL(`${server.origin}/c/new?model=x`)
      await page.goto(server.origin)
      await steps.signOut(page)
      for (const foreign of ['https://evil.test/', '//evil.test/', '/\\evil.test', 'javascript:alert(1)']) {
        await page.goto(`${server.origin}/login?redirect_to=${encodeURIComponent(foreign)}`)
        await steps.tryToSignIn(page, server, ada)
        await steps.isHome(page)
        assert.equal(new URL(page.url()).origin, server.origin)
        await steps.signOut(page)
      }
    })

    journey('a new name is shown at once', async ({ page }) => {
      await newcomer(page, 'Dora')
      await steps.changeName(page, 'Théodora <i>von</i> 河')
      await steps.sees(page, 'Théodora <i>von</i> 河')
    })

    journey('a new password ends the other sessions and replaces the old one', async ({ page }) => {
      const person = await newcomer(page, 'Emil')
      const other = await enter()
      await steps.signIn(other.page, server, person)
      const changed = { ...person, password: 'a different walk this time' }
      await steps.tryToChangePassword(page, 'not the current one', changed.password)
      await steps.sees(page, 'This is not your current password.')
      await steps.tryToChangePassword(page, person.password, changed.password)
      await steps.sees(page, 'Your password was changed.')
      await steps.isSignedOut(other.page, server)
      await steps.tryToSignIn(other.page, server, person)
      await steps.sees(other.page, 'do not match')
      await steps.signIn(other.page, server, changed)
      await other.close()
    })

    journey('one session can be ended, then all the others', async ({ page }) => {
      const person = await newcomer(page, 'Fritz')
      const others = await Promise.all([enter(), enter(), enter()])
      for (const other of others) await steps.signIn(other.page, server, person)
      await page.reload()
      const ends = page.getByRole('button', { name: 'End the session' })
      assert.equal(await ends.count(), 3)
      await ends.first().click()
      await steps.sees(page, 'The session was ended.')
      assert.equal(await ends.count(), 2)
      await steps.press(page, 'End all other sessions')
      await steps.sees(page, '2 other sessions were ended.')
      assert.equal(await ends.count(), 0)
      for (const other of others) {
        await steps.isSignedOut(other.page, server)
        await other.close()
      }
      await page.reload()
      await steps.isHome(page)
    })

    journey('a deleted account is gone', async ({ page }) => {
      const person = await newcomer(page, 'Gerda')
      await steps.tryToDeleteAccount(page, 'not the right one')
      await steps.sees(page, 'This is not your current password.')
      await steps.tryToDeleteAccount(page, person.password)
      await steps.sees(page, 'Your account and everything stored with it are gone.')
      await steps.tryToSignIn(page, server, person)
      await steps.sees(page, 'do not match')
    })

    journey('an address that does not exist leads back to the start', async ({ page }) => {
      const response = await page.goto(`${server.origin}/nowhere`)
      assert.equal(response.status(), 404)
      await page.getByRole('link', { name: 'Back to the start' }).click()
      await steps.form(page, '/login').waitFor()
    })
  })
}

/** Presses Tab until the element is focused, as somebody without a mouse does; fails if it cannot be reached. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 30; presses++) {
    if (await page.locator(`${selector}:focus`).count()) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`${selector} cannot be reached with the Tab key`)
}
