// Two-step sign-in, from setting it up to switching it off, with JavaScript and without.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { code } from './authenticator.mjs'
import { audit, launch, scrollsSideways, visitor } from './browser.mjs'
import { startServer } from './server.mjs'
import * as steps from './steps.mjs'

const pictures = process.env.SCREENSHOTS ?? fileURLToPath(new URL('../../target/screenshots', import.meta.url))
mkdirSync(pictures, { recursive: true })

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    let browser, server
    const limits = { TWO_FACTOR_TEMP_MAX: '1000', LIBRECHAT_AUTH_LIMITS_TWO_FACTOR_SETTINGS_MAX: '1000' }
    const journey = (name, walk) =>
      test(name, async () => {
        const guest = await visitor(browser, { javaScriptEnabled, acceptDownloads: true })
        try {
          await walk(guest)
          assert.deepEqual(guest.complaints, [])
        } finally {
          await guest.close()
        }
      })
    const newcomer = async (page, name) => {
      const person = { name, email: `${name.toLowerCase()}@example.test`, password: `${name} walks along the river` }
      await steps.register(page, server, person)
      await steps.signIn(page, server, person)
      return person
    }
    before(async () => {
      server = await startServer(limits)
      browser = await launch()
      const admin = await visitor(browser)
      await steps.setUp(admin.page, server)
      await admin.close()
    })
    after(async () => {
      await browser?.close()
      await server?.stop()
    })

    journey('set up, signed in with a code, trusted, asked again, switched off', async ({ page }) => {
      const person = await newcomer(page, 'Dora')
      const { secret, codes } = await steps.setUpTwoFactor(page, person)
      assert.equal(codes.length, 10)
      await steps.signOut(page)

      await steps.tryToSignIn(page, server, person)
      await page.getByLabel('Code', { exact: true }).fill(code(secret, 1))
      await page.getByLabel('Do not ask for a code on this device for 30 days').check()
      await steps.press(steps.form(page, '/login/2fa'), 'Continue')
      await steps.isHome(page)
      await steps.sees(page, 'One trusted device is not asked for a code.')
      await steps.signOut(page)

      await steps.signIn(page, server, person) // no code
      await page.getByRole('link', { name: 'Manage two-step sign-in' }).click()
      await steps.press(steps.form(page, '/account/two-factor/distrust'), /Remove the trusted device/)
      await steps.sees(page, 'That device will be asked for a code again.')
      await steps.signOut(page)

      await steps.tryToSignIn(page, server, person)
      await page.getByRole('link', { name: 'Use a backup code' }).click()
      await page.getByLabel('Backup code').fill(codes[0])
      await steps.press(steps.form(page, '/login/2fa'), 'Continue')
      await steps.isHome(page)

      await page.getByRole('link', { name: 'Manage two-step sign-in' }).click()
      await steps.sees(page, '9 backup codes are left.')
      await steps.unfold(page, '/account/two-factor/disable')
      const off = steps.form(page, '/account/two-factor/disable')
      await steps.fill(off, { 'Current password': person.password, 'Code or backup code': codes[1] })
      await steps.press(off, 'Switch off two-step sign-in')
      await steps.sees(page, 'Two-step sign-in is off.')
    })

    journey('a wrong code can be corrected, a used backup code cannot be used again', async ({ page }) => {
      const person = await newcomer(page, 'Emil')
      const { secret, codes } = await steps.setUpTwoFactor(page, person)
      await steps.signOut(page)
      await steps.tryToSignIn(page, server, person)
      const step = steps.form(page, '/login/2fa')
      await step.getByLabel('Code', { exact: true }).fill('000000')
      await steps.press(step, 'Continue')
      await page.getByRole('alert').getByText('wrong or was used already').waitFor()
      assert.equal(await step.getByLabel('Code', { exact: true }).inputValue(), '')
      await step.getByLabel('Code', { exact: true }).fill(code(secret, 1))
      await steps.press(step, 'Continue')
      await steps.isHome(page)
      await steps.signOut(page)
      for (const last of [false, true]) {
        await steps.tryToSignIn(page, server, person)
        await page.getByRole('link', { name: 'Use a backup code' }).click()
        await page.getByLabel('Backup code').fill(codes[0])
        await steps.press(step, 'Continue')
        if (last) await page.getByRole('alert').getByText('wrong or was used already').waitFor()
        else {
          await steps.isHome(page)
          await steps.signOut(page)
        }
      }
    })

    journey('the backup codes can be kept', async ({ page, context }) => {
      const person = await newcomer(page, 'Flora')
      const { codes } = await steps.showBackupCodes(page, person)
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Download' }).click()
      const file = await (await download).path()
      const text = await readFile(file, 'utf8')
      for (const one of codes) assert.ok(text.includes(one), one)
      const helpers = await page.getByRole('button', { name: /^(Copy|Print)$/ }).count()
      assert.equal(helpers, javaScriptEnabled ? 2 : 0)
      if (javaScriptEnabled) {
        await context.grantPermissions(['clipboard-read', 'clipboard-write'])
        await page.getByRole('button', { name: 'Copy' }).click()
        await page.getByRole('button', { name: 'Copied' }).waitFor()
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), codes.join('\n'))
      }
      await page.emulateMedia({ media: 'print' })
      assert.equal(await page.getByRole('button', { name: 'Download' }).isVisible(), false)
      assert.equal(await page.locator('.codes').isVisible(), true)
    })

    if (javaScriptEnabled) {
      journey('every page of it is readable for all', async ({ page }) => {
        const person = await newcomer(page, 'Gustav')
        const isGood = async (where) => {
          for (const width of [390, 1280]) {
            for (const colorScheme of ['light', 'dark']) {
              await page.setViewportSize({ width, height: 800 })
              await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
              assert.deepEqual(await audit(page), [], `${where}, ${width} px, ${colorScheme}`)
              assert.equal(await scrollsSideways(page), false, `${where}, ${width} px`)
              const name = `two-factor-${where.replaceAll(' ', '-')}-${width}-${colorScheme}.png`
              await page.screenshot({ path: join(pictures, name), fullPage: true })
            }
          }
        }
        await page.goto(`${server.origin}/account/two-factor`)
        await isGood('off')
        await steps.beginTwoFactor(page, person)
        await isGood('picture')
        await steps.confirmTwoFactor(page)
        await isGood('backup codes')
        await page.getByRole('link', { name: 'I have kept them' }).click()
        await isGood('on')
        await page.goto(`${server.origin}/account/activity`)
        await isGood('activity')
        await page.goto(`${server.origin}/`)
        await steps.signOut(page)
        await steps.tryToSignIn(page, server, person)
        await page.getByLabel('Code', { exact: true }).waitFor()
        await isGood('code')
        assert.equal(await page.evaluate(() => document.activeElement.id), 'step-code')
      })
    }
  })
}

test('where it is required, it is set up on the way in', async () => {
  const server = await startServer({ ENFORCE_TWO_FACTOR_AUTHENTICATION: 'true', TWO_FACTOR_TEMP_MAX: '1000' })
  const browser = await launch()
  const guest = await visitor(browser)
  try {
    const { page } = guest
    await page.goto(server.origin + server.setupPath)
    const setup = steps.form(page, '/setup')
    const { name, email, password } = steps.ada
    await steps.fill(setup, { Name: name, 'Email address': email, Password: password, 'Repeat the password': password })
    await steps.press(setup, 'Create administrator')
    await page.waitForURL((url) => url.pathname === '/login/2fa/setup')
    const secret = await steps.readSecret(page)
    const confirm = steps.form(page, '/login/2fa/setup')
    await confirm.getByLabel('Code', { exact: true }).fill(code(secret))
    await steps.press(confirm, 'Confirm')
    await steps.sees(page, 'Keep your backup codes')
    await steps.press(steps.form(page, '/login/2fa/setup/done'), 'I have kept them, sign me in')
    await steps.isHome(page)
    await steps.sees(page, 'On since')
    assert.deepEqual(guest.complaints, [])
  } finally {
    await guest.close()
    await browser.close()
    await server.stop()
  }
})
