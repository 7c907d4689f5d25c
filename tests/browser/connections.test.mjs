// Somebody connects a provider on their account page, signs in with it, and disconnects it; with and without JavaScript.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { audit, launch, scrollsSideways, visitor } from './browser.mjs'
import { signInThere, start } from './provider.mjs'
import * as steps from './steps.mjs'

const { ada } = steps
const screenshots = process.env.SCREENSHOTS

async function looksGood(page, name) {
  const found = await audit(page)
  assert.deepEqual(found, [], `${name}: ${JSON.stringify(found)}`)
  assert.equal(await scrollsSideways(page), false, name)
  if (!screenshots) return
  mkdirSync(screenshots, { recursive: true })
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true })
}

const looks = [
  { name: 'desktop', javaScriptEnabled: true, viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  { name: 'phone-dark', javaScriptEnabled: false, viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
]

for (const { name, ...options } of looks) {
  describe(name, () => {
    let browser, provider, server
    before(async () => {
      ;({ provider, server } = await start({ OPENID_BUTTON_LABEL: 'Office' }))
      browser = await launch()
    })
    after(async () => {
      await browser?.close()
      provider?.stop()
      assert.equal(await server?.stop(), 0)
    })
    test('a provider is connected, used and disconnected', async () => {
      const owner = await visitor(browser, options)
      const { page } = owner
      await steps.setUp(page, server)
      await page.getByRole('link', { name: 'Connect or disconnect providers' }).click()
      await steps.sees(page, 'No provider is connected')
      if (options.javaScriptEnabled) await looksGood(page, `connections-none-${name}`)
      await page.getByLabel('Current password').fill(ada.password)
      await page.getByRole('button', { name: 'Connect Office' }).click()
      await signInThere(page, server, 'bob')
      await steps.sees(page, 'You can now sign in with Office as well.')
      await page.getByRole('link', { name: 'Connect or disconnect providers' }).click()
      await steps.sees(page, 'Knows you as')

      const other = await visitor(browser, options)
      await other.page.goto(`${server.origin}/login`)
      await other.page.getByRole('link', { name: 'Office' }).click()
      await signInThere(other.page, server, 'bob')
      await steps.isHome(other.page)

      await page.getByText('Disconnect', { exact: true }).click()
      if (options.javaScriptEnabled) await looksGood(page, `connections-${name}`)
      await page.getByLabel('Current password').first().fill(ada.password)
      await page.getByRole('button', { name: 'Yes, disconnect Office' }).click()
      await steps.sees(page, 'The provider is disconnected.')
      await steps.sees(page, 'No provider is connected')
      await steps.isSignedOut(other.page, server)
      for (const guest of [owner, other]) {
        assert.deepEqual(guest.complaints, [])
        await guest.close()
      }
    })
  })
}
